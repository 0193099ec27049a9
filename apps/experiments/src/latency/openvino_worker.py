"""OpenVINO as a measured process: the dense network in float32 on the CPU. Requests as in requests.ts, a JSON line each."""

import json
import math
import sys
import time

import numpy as np
import openvino


class Worker:
    def load(self, model, images, size, threads, **_):
        settings = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
        self.compiled = openvino.Core().compile_model(model, "CPU", settings)
        height, width = size
        pixels = np.fromfile(images, np.float32).reshape(-1, height, width, 3)
        self.images = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
        self.request = self.compiled.create_infer_request()
        # Bound once: an inference then copies nothing in, and its outputs stay in the engine's memory.
        self.inputs = [openvino.Tensor(image[None], shared_memory=True) for image in self.images]
        self.infer(0)
        return {"version": openvino.get_version().split("-")[0]}

    def infer(self, image):
        self.request.set_input_tensor(self.inputs[image])
        self.request.start_async()
        self.request.wait()

    def run(self, turn, **_):
        began = time.perf_counter()
        runs = 0
        while runs == 0 or (time.perf_counter() - began) * 1e3 < turn:
            for image in range(len(self.inputs)):
                self.infer(image)
            runs += len(self.inputs)
        return {"ms": (time.perf_counter() - began) * 1e3 / runs, "runs": runs}

    def digest(self, points, **_):
        self.infer(0)
        maps = [self.request.get_output_tensor(i).data.reshape(-1) for i in range(len(self.compiled.outputs))]
        return {"outputs": [[float(data[math.floor(point * data.size)]) for point in points] for data in maps]}

    def memory(self, reset=False, **_):
        with open("/proc/self/status") as status:
            sizes = {line.split(":")[0]: line.split()[1] for line in status if line.startswith(("VmRSS", "VmHWM"))}
        if reset:
            with open("/proc/self/clear_refs", "w") as clear:
                clear.write("5")
        return {"resident": 1024 * int(sizes["VmRSS"]), "peak": 1024 * int(sizes["VmHWM"])}


def main():
    worker = Worker()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = getattr(worker, request.pop("do"))(**request)
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


main()
