import numpy as np

from icaedit.analysis.matching import match_components


def test_the_assignment_is_the_best_in_sum_and_ignores_signs():
    loadings = np.array([[-9.0, 8.0, 0.0], [9.0, 1.0, 0.0]])
    assert match_components(loadings, exclusive=False).tolist() == [1, 0]
    assert match_components(-loadings, exclusive=False).tolist() == [1, 0]


def test_exclusivity_passes_over_a_component_that_moves_with_everything():
    # component 0 is a head pitch that rises with every emotion
    loadings = np.array([[5.0, 4.0, 0.0, 0.1], [5.0, 0.0, 4.0, 0.1], [5.0, 0.1, 0.0, 4.0]])
    assert match_components(loadings, exclusive=True).tolist() == [1, 2, 3]
    assert 0 in match_components(loadings, exclusive=False)


def test_with_too_few_components_an_emotion_shares_its_best():
    assert match_components(np.array([[3.0], [2.0]]), exclusive=True).tolist() == [0, 0]
