"""One module per format of free topics; its ``DECODER`` registers it."""
