"""Other ways to do the same job, each as good as a short script can be; every one runs as a process of its own."""
