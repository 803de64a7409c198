import numpy as np

from icaedit import faces, images


def test_the_drawing_offered_here_is_the_one_of_images():
    assert faces.pencil_sketch is images.pencil_sketch
    assert faces.sketch_kernel_size is images.sketch_kernel_size


def test_a_face_is_drawn_on_paper():
    from icaedit.portraits import render, sample_portraits

    face = render(sample_portraits(1), size=128).images[0]
    drawing = faces.pencil_sketch(face)
    assert (drawing > 240).mean() > 0.5  # mostly paper
    assert (drawing < 200).any()  # and some lines
    np.testing.assert_array_equal(drawing[..., 0], drawing[..., 2])
