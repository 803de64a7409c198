"""Properties in XMP packets, read back with another parser."""

from xml.etree import ElementTree

import pytest

from icaedit.images.xmp import read_xmp, with_properties

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
DC, OWN = "http://purl.org/dc/elements/1.1/", "urn:own:"
PREFIXES = {OWN: "own"}
PACKET = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF[1:-1]}">
<rdf:Description rdf:about="uuid:7" xmlns:dc="{DC}" xmlns:o="{OWN}" dc:format="image/jpeg"
 o:kept="yes" o:size="old">
<dc:creator><rdf:Seq><rdf:li>A. Bell &amp; Söhne</rdf:li></rdf:Seq></dc:creator>
<o:mark>old</o:mark></rdf:Description>
</rdf:RDF></x:xmpmeta>{" " * 400}
<?xpacket end="w"?>""".encode()


def descriptions(packet: bytes) -> list[ElementTree.Element]:
    text = packet.decode("utf-8")
    return list(ElementTree.fromstring(text[text.index("<x:") :]).iter(f"{RDF}Description"))


def test_a_new_packet_holds_the_texts_in_its_wrapper():
    packet = with_properties(None, {(OWN, "size"): 'a < "b" & ü'}, PREFIXES)
    (description,) = descriptions(packet)
    assert description.find(f"{{{OWN}}}size").text == 'a < "b" & ü'
    assert description.get(f"{RDF}about") == ""
    assert packet.startswith(b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>')
    assert packet.endswith(b'<?xpacket end="w"?>')


def test_what_a_packet_holds_stays_and_what_is_set_is_there_once():
    packet = with_properties(PACKET, {(OWN, "size"): "new", (OWN, "mark"): "x"}, PREFIXES)
    first, added = descriptions(packet)
    assert first.get(f"{{{DC}}}format") == "image/jpeg"
    assert first.get(f"{{{OWN}}}kept") == "yes"
    assert [li.text for li in first.iter(f"{RDF}li")] == ["A. Bell & Söhne"]
    assert first.get(f"{{{OWN}}}size") is None
    assert first.find(f"{{{OWN}}}mark") is None
    assert {child.tag: child.text for child in added} == {
        f"{{{OWN}}}size": "new",
        f"{{{OWN}}}mark": "x",
    }
    assert added.get(f"{RDF}about") == "uuid:7"
    assert len(packet) < len(PACKET) + 200  # the padding is gone


def test_properties_are_read_as_elements_and_as_attributes():
    assert read_xmp(PACKET, (OWN, "size")) == "old"
    assert read_xmp(PACKET, (OWN, "mark")) == "old"
    assert read_xmp(PACKET, (OWN, "other")) is None
    assert read_xmp(PACKET, (DC, "size")) is None


def test_setting_again_gives_the_same_bytes():
    once = with_properties(PACKET, {(OWN, "size"): "new"}, PREFIXES)
    assert with_properties(once, {(OWN, "size"): "new"}, PREFIXES).count(b"new") == 1
    assert once == with_properties(PACKET, {(OWN, "size"): "new"}, PREFIXES)


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"no xml",
        PACKET[:300],
        PACKET.decode().encode("utf-16"),
        b'<!DOCTYPE a [<!ENTITY b "bbbb">]>' + PACKET,
        b"<a>" * 50_000 + b"</a>" * 50_000,
        b"<a/>",
    ],
    ids=["empty", "text", "cut", "utf-16", "entities", "deep", "foreign"],
)
def test_a_packet_that_cannot_be_read_is_replaced(packet):
    assert read_xmp(packet, (OWN, "size")) is None
    made = with_properties(packet, {(OWN, "size"): "1"}, PREFIXES)
    assert made == with_properties(None, {(OWN, "size"): "1"}, PREFIXES)
