"""What travels over HTTP: the records of requests and answers, shared by the server and the Python client."""
