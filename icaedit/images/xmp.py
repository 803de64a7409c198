"""Properties in XMP packets: RDF in XML, as pictures carry it (ISO 16684-1)."""

from collections.abc import Mapping
from xml.dom import Node, minidom
from xml.parsers.expat import ExpatError

__all__ = ["read_xmp", "with_properties"]

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_BEGIN = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
_EMPTY = (
    f'{_BEGIN}<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{_RDF}"/></x:xmpmeta>'
    '<?xpacket end="w"?>'
)
_UNREADABLE = (ExpatError, RecursionError, ValueError, AttributeError)

Name = tuple[str, str]
"""Namespace and local name of a property."""


def read_xmp(packet: bytes | str, name: Name) -> str | None:
    """Return the text of a simple property, or None if the packet lacks it or cannot be read.

    Parameters
    ----------
    packet : bytes or str
        UTF-8, with or without its wrapper.
    name : (str, str)
        Namespace and local name.

    Examples
    --------
    >>> packet = with_properties(None, {("urn:a", "size"): "12"}, {"urn:a": "a"})
    >>> read_xmp(packet, ("urn:a", "size")), read_xmp(b"no xml", ("urn:a", "size"))
    ('12', None)
    """
    document = _parsed(packet)
    if document is None:
        return None
    for description in _descriptions(document):
        if description.hasAttributeNS(*name):
            return description.getAttributeNS(*name)
        for element in _properties(description, name):
            return "".join(
                node.data
                for node in element.childNodes
                if node.nodeType in (Node.TEXT_NODE, Node.CDATA_SECTION_NODE)
            )
    return None


def with_properties(
    packet: bytes | str | None, properties: Mapping[Name, str], prefixes: Mapping[str, str]
) -> bytes:
    """Return a packet with some simple properties set and everything else as it was.

    Parameters
    ----------
    packet : bytes or str or None
        The packet that a picture had. One that cannot be read (damaged, not UTF-8, with a
        document type, which XMP has not) is replaced by a new one.
    properties : mapping of (str, str) to str
        Texts by namespace and local name; each replaces what the packet had under that name.
    prefixes : mapping of str to str
        The prefix of each namespace.

    Returns
    -------
    bytes
        UTF-8 with the wrapper and without padding; the same arguments give the same bytes.

    Examples
    --------
    >>> packet = with_properties(None, {("urn:a", "size"): "1 < 2"}, {"urn:a": "a"})
    >>> b"<a:size>1 &lt; 2</a:size>" in packet
    True
    """
    document = _parsed(packet) if packet else None
    if document is None or not document.getElementsByTagNameNS(_RDF, "RDF"):
        document = minidom.parseString(_EMPTY.encode("utf-8"))
    subject = ""
    for description in _descriptions(document):
        subject = description.getAttributeNS(_RDF, "about") or subject
        for name in properties:
            if description.hasAttributeNS(*name):
                description.removeAttributeNS(*name)
            for element in _properties(description, name):
                description.removeChild(element)
    rdf = document.getElementsByTagNameNS(_RDF, "RDF")[0]
    added = document.createElementNS(_RDF, f"{rdf.prefix}:Description")
    added.setAttributeNS(_RDF, f"{rdf.prefix}:about", subject)
    for namespace in dict.fromkeys(namespace for namespace, _ in properties):
        added.setAttribute(f"xmlns:{prefixes[namespace]}", namespace)
    for (namespace, local), text in properties.items():
        element = document.createElementNS(namespace, f"{prefixes[namespace]}:{local}")
        element.appendChild(document.createTextNode(text))
        added.appendChild(element)
    rdf.appendChild(added)
    # not document.toxml(): it begins with an XML declaration, which stands before no packet
    written = "".join(node.toxml() for node in document.childNodes)
    if not written.startswith("<?xpacket"):
        written = f'{_BEGIN}{written}<?xpacket end="w"?>'
    return written.encode("utf-8")


def _parsed(packet: bytes | str) -> minidom.Document | None:
    try:
        text = packet.decode("utf-8") if isinstance(packet, bytes) else packet
        text = text.strip("\x00 \r\n\t\ufeff")
        if "<!DOCTYPE" in text:  # entities of its own could grow without end
            return None
        document = minidom.parseString(text.encode("utf-8"))
        document.toxml()  # what is nested too deeply is told here
    except _UNREADABLE:
        return None
    return document


def _descriptions(document: minidom.Document) -> list[minidom.Element]:
    """Return the top-level descriptions, which hold the properties of the picture."""
    return [
        node
        for rdf in document.getElementsByTagNameNS(_RDF, "RDF")
        for node in rdf.childNodes
        if node.nodeType == Node.ELEMENT_NODE
        and (node.namespaceURI, node.localName) == (_RDF, "Description")
    ]


def _properties(description: minidom.Element, name: Name) -> list[minidom.Element]:
    return [
        node
        for node in description.childNodes
        if node.nodeType == Node.ELEMENT_NODE and (node.namespaceURI, node.localName) == name
    ]
