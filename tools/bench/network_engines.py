"""The same dense ResNet-101 in onnxruntime or OpenVINO, for tools/bench/network.mjs only.

    network_engines.py MODEL.onnx make HEIGHT WIDTH        writes the network: batch norms folded, float32, random weights
    network_engines.py MODEL.onnx onnxruntime|openvino THREADS wall|cpu

Each line on stdin runs one image; the answer on stdout is its time in milliseconds.
"""

import sys
import time

import numpy as np


def make(path, height, width):
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    random = np.random.default_rng(1)
    nodes, weights = [], []

    def convolution(name, x, kernel, channels, out, stride=1, gain=1.0):
        scale = gain * np.sqrt(2 / (kernel * kernel * channels))
        shape = (out, channels, kernel, kernel)
        weights.append(numpy_helper.from_array((random.standard_normal(shape) * scale).astype(np.float32), name + ".weight"))
        weights.append(numpy_helper.from_array((random.random(out) - 0.5).astype(np.float32), name + ".bias"))
        pads, sides = [kernel // 2] * 4, [kernel, kernel]
        inputs = [x, name + ".weight", name + ".bias"]
        nodes.append(helper.make_node("Conv", inputs, [name], kernel_shape=sides, strides=[stride] * 2, pads=pads))
        return name

    def relu(x):
        nodes.append(helper.make_node("Relu", [x], [x + ".relu"]))
        return x + ".relu"

    x = relu(convolution("stem", "image", 7, 3, 64, 2))
    nodes.append(helper.make_node("MaxPool", [x], ["pool"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]))
    x, channels = "pool", 64
    for stage, (blocks, planes) in enumerate(zip([3, 4, 23, 3], [64, 128, 256, 512])):
        for i in range(blocks):
            name = f"layer{stage + 1}.{i}"
            stride = 2 if i == 0 and stage > 0 else 1
            y = relu(convolution(name + ".conv1", x, 1, channels, planes))
            y = relu(convolution(name + ".conv2", y, 3, planes, planes, stride))
            y = convolution(name + ".conv3", y, 1, planes, 4 * planes, gain=0.3)
            shortcut = convolution(name + ".downsample", x, 1, channels, 4 * planes, stride) if i == 0 else x
            nodes.append(helper.make_node("Add", [y, shortcut], [name]))
            x, channels = relu(name), 4 * planes
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, height, width])
    out = helper.make_tensor_value_info(x, TensorProto.FLOAT, None)
    model = helper.make_model(helper.make_graph(nodes, "resnet101", [image], [out], weights), opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.save(model, path)


def onnxruntime_runner(path, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.force_spinning_stop", "1")  # or its threads would spin into the other engines' turns
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    image = np.random.default_rng(2).random(session.get_inputs()[0].shape, np.float32)
    return lambda: session.run(None, {"image": image})


def openvino_runner(path, threads):
    import openvino

    settings = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
    compiled = openvino.Core().compile_model(path, "CPU", settings)
    image = np.random.default_rng(2).random(tuple(compiled.inputs[0].shape), np.float32)
    request = compiled.create_infer_request()
    return lambda: request.infer([image])


def main():
    path, engine, *rest = sys.argv[1:]
    if engine == "make":
        make(path, *map(int, rest))
        return
    run = {"onnxruntime": onnxruntime_runner, "openvino": openvino_runner}[engine](path, int(rest[0]))
    clock = {"wall": time.perf_counter, "cpu": time.process_time}[rest[1]]
    run()
    print("ready", flush=True)
    for _ in sys.stdin:
        start = clock()
        run()
        print((clock() - start) * 1e3, flush=True)


main()
