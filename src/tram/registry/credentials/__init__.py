"""How a device proves who it is: tokens, passwords, certificates, enrolment by its maker's secret."""
