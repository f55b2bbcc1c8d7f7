"""The HTTP service, with a web page, a JSON API, the Acumos methods and the Open Inference Protocol."""
