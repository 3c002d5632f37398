"""What a network for hands begins from: MediaPipe's landmark network, built of Keras layers out of its own file.

It has seen the hands of far more people than any folder of ours (Apache-2.0; the npm package @mediapipe/hands, which
the tracker reads too). Its convolutions know what fingers look like; what they mean is left to learn.
"""

from typing import Any

import keras
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from keras import layers

from webapp.hand_models import ModelName, hand_model

_ACTIVATIONS = {
    schema.ActivationFunctionType.NONE: "linear",
    schema.ActivationFunctionType.RELU: "relu",
    schema.ActivationFunctionType.RELU6: "relu6",
}
_CONVOLUTION, _DEPTHWISE = schema.BuiltinOperator.CONV_2D, schema.BuiltinOperator.DEPTHWISE_CONV_2D
_ADD, _MAX_POOL = schema.BuiltinOperator.ADD, schema.BuiltinOperator.MAX_POOL_2D
_DEQUANTIZE, _MEAN = schema.BuiltinOperator.DEQUANTIZE, schema.BuiltinOperator.MEAN


def hand_maps(
    picture: keras.KerasTensor, trained: bool = True, name: ModelName = "hand_landmark_lite"
) -> dict[int, keras.KerasTensor]:
    """The network's last map at each scale, up to what it takes means of, by how many pixels a cell is wide: 2 to 32.

    picture: (B, S, S, 3), 0..1, upright or not, at any size. Where it is not `trained` the layers are new. Raises
    HandModelError where the package is not installed.
    """
    graph: Any = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(hand_model(name), 0))
    net = graph.subgraphs[0]
    constants = _constants(graph)
    made: dict[int, keras.KerasTensor] = {net.inputs[0]: picture}
    maps: dict[int, keras.KerasTensor] = {}
    for operator in net.operators:
        kind = graph.operatorCodes[operator.opcodeIndex].builtinCode
        if kind == _DEQUANTIZE:
            continue
        if kind == _MEAN:
            return maps
        sources, target = [made[at] for at in operator.inputs if at in made], operator.outputs[0]
        weights = [constants[at] for at in operator.inputs if at in constants]
        made[target] = _layer(kind, operator.builtinOptions, sources, weights, trained)
        shape = net.tensors[target].shape
        maps[net.tensors[net.inputs[0]].shape[1] // shape[1]] = made[target]
    raise ValueError(f"{name} takes no mean: this is not the landmark network that is known here.")


def _layer(
    kind: int, options: Any, sources: list[keras.KerasTensor], weights: list[np.ndarray[Any, Any]], trained: bool
) -> keras.KerasTensor:
    if kind == _ADD:
        return layers.Add()(sources)
    if kind == _MAX_POOL:
        return layers.MaxPooling2D(options.filterHeight, options.strideH, padding="same")(sources[0])
    kernel, bias = weights
    shared = {
        "strides": options.strideH,
        "padding": "same",
        "activation": _ACTIVATIONS[options.fusedActivationFunction],
    }
    if kind == _CONVOLUTION:
        layer = layers.Conv2D(kernel.shape[0], kernel.shape[1], **shared)
    elif kind == _DEPTHWISE:
        layer = layers.DepthwiseConv2D(kernel.shape[1], **shared)
    else:
        raise ValueError(f"operator {kind}: this is not the landmark network that is known here.")
    made = layer(sources[0])
    if trained:
        # LiteRT has what a kernel makes, or for depthwise ones nothing, before height, width and what it reads.
        layer.set_weights([kernel.transpose(1, 2, 3, 0), bias])
    return made


def _constants(graph: Any) -> dict[int, np.ndarray[Any, Any]]:
    """The stored tensors, by number, and what is made of them by widening them to 32 bits."""
    net = graph.subgraphs[0]
    found: dict[int, np.ndarray[Any, Any]] = {}
    for operator in net.operators:
        if graph.operatorCodes[operator.opcodeIndex].builtinCode == _DEQUANTIZE:
            tensor = net.tensors[operator.inputs[0]]
            stored = np.frombuffer(bytes(graph.buffers[tensor.buffer].data), np.float16)
            found[operator.outputs[0]] = stored.reshape(tensor.shape).astype(np.float32)
    return found
