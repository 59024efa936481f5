"""The words of the pages for the product's own terms, by subject; the catalogues translate them."""
