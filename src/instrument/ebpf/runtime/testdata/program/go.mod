module own.example/own

go 1.18
