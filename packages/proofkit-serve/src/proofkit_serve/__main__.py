"""`python -m proofkit_serve` is `proofkit-serve`."""

from proofkit_serve.cli import main

raise SystemExit(main())
