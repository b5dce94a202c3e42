"""How the network that finds seals came to be: drawn scenes, a small network, its training. Needs `requirements.txt`.

python -m bench.seal_net.train OUT --minutes 60     # OUT/seal.onnx, what the worker ships
python -m bench.seal_net.judge FOLDER               # what it finds on a sample set
"""
