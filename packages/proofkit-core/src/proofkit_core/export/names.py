"""The names of the files that other modules refer to."""

PACKET_FILE = "packet.json"
PROVENANCE_FILE = "provenance.json"
PDF_FILE = "work-sample.pdf"
