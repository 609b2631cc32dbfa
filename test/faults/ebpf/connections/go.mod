module faults.example/connections

go 1.22
