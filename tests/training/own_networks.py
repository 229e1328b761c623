"""Models of a user's own: one of each kind of layer, on made sequences or pictures."""

import keras
from keras import layers

SEQUENCE, PICTURE = (6, 4), (8, 8, 2)


def dense(seed):
    del seed
    return _ending([layers.Flatten(), layers.Dense(8, activation="relu")], SEQUENCE)


def softmax(seed):
    del seed
    return keras.Sequential([keras.Input(SEQUENCE), layers.Flatten(), layers.Dense(3, "softmax")])


def convolution(seed):
    del seed
    return _ending([layers.Conv2D(4, 3, activation="relu"), layers.Flatten()], PICTURE)


def batch_normalization(seed):
    del seed
    return _ending([layers.Flatten(), layers.Dense(8), layers.BatchNormalization()], SEQUENCE)


def dropout(seed):
    del seed
    return _ending([layers.Flatten(), layers.Dense(16, "relu"), layers.Dropout(0.5)], SEQUENCE)


def layer_normalization(seed):
    del seed
    return _ending([layers.LayerNormalization(), layers.Flatten()], SEQUENCE)


def attention(seed):
    del seed
    inputs = keras.Input(SEQUENCE)
    hidden = layers.MultiHeadAttention(num_heads=2, key_dim=4)(inputs, inputs)
    return keras.Model(inputs, layers.Dense(3)(layers.GlobalAveragePooling1D()(hidden)))


def embedding(seed):
    del seed
    inputs = keras.Input((6,), dtype="int32")
    hidden = layers.Embedding(9, 4)(inputs)
    return keras.Model(inputs, layers.Dense(3)(layers.Flatten()(hidden)))


def penalized(seed):
    del seed
    regularizer = keras.regularizers.L2(0.1)
    return _ending([layers.Flatten(), layers.Dense(8, kernel_regularizer=regularizer)], SEQUENCE)


def many_layers(seed):
    """All that carries something through training beside its weights, and a penalty."""
    del seed
    regularizer = keras.regularizers.L2(0.1)
    hidden = [
        layers.LayerNormalization(),
        layers.Flatten(),
        layers.Dense(16, "relu", kernel_regularizer=regularizer),
        layers.BatchNormalization(),
        layers.Dropout(0.5),
    ]
    return _ending(hidden, SEQUENCE)


def one_output(seed):
    del seed
    return keras.Sequential([keras.Input(SEQUENCE), layers.Flatten(), layers.Dense(1)])


def no_model(seed):
    return seed


def failing(seed):
    raise RuntimeError(f"no model today, seed {seed}")


def halving():
    return keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2 if epoch else rate)


def stopping():
    class Stopping(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            del epoch, logs
            self.model.stop_training = True

    return Stopping()


def _ending(hidden, shape):
    return keras.Sequential([keras.Input(shape), *hidden, layers.Dense(3)])
