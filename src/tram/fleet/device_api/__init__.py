"""What a device can say and ask, whatever the protocol; and what a gateway needs of its neighbours."""
