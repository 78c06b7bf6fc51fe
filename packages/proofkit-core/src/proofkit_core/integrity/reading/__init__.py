"""Takes a text apart: blocks, folded view, clauses, words, pages."""
