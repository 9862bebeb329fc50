"""A live torch module becomes a spec: its run is recorded, said in ops, made blocks, written, and proven.

    module --record--> Recording --translate--> Graph --blocks--> Templates --document--> YAML --prove--> Proof

What runs torch to read a module stands here; what runs the source of a spec stands in `runtime/`.
"""
