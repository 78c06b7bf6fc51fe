"""The guard of the sources: nothing is written while a statement rests on nothing, or is not in the ledger."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any

from proofkit_core.about import ABOUT
from proofkit_core.blocks import parse_markdown
from proofkit_core.errors import ExportRefusedError
from proofkit_core.export.appendix import HEADING
from proofkit_core.export.guard import word_text
from proofkit_core.export.html_sources import BLOCKS_OF_PAGE
from proofkit_core.export.letters import letters_in
from proofkit_core.export.reading import words_of
from proofkit_core.ledger import carrier_texts, trace_packet
