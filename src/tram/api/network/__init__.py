"""The 5G network: stations, official counts, targets, surveys, operators in zones."""
