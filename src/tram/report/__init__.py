"""Official documents made from the product's own figures; same data, same bytes."""
