"""One file a proposal type: payload, sentence, execution, undo."""
