"""The algorithms that are known by name, their settings, and which look at whole variables."""

from sweep.study.part import Whole

Setting = bool | Whole | float | str | None

COMMON_SETTINGS: dict[str, Setting] = {
    "weight_decay": None,
    "clipvalue": None,
    "clipnorm": None,
    "global_clipnorm": None,
}
"""Settings that every Keras optimizer takes, with their defaults."""

_ADAM: dict[str, Setting] = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}

ALGORITHMS: dict[str, dict[str, Setting]] = {
    "adadelta": {"rho": 0.95, "epsilon": 1e-7},
    "adafactor": {
        "beta_2_decay": -0.8,
        "epsilon_1": 1e-30,
        "epsilon_2": 0.001,
        "clip_threshold": 1.0,
        "relative_step": True,
    },
    "adagrad": {"initial_accumulator_value": 0.1, "epsilon": 1e-7},
    "adam": _ADAM | {"amsgrad": False},
    "adam-2k": _ADAM | {"variance_steps": 2000},
    "adamax": _ADAM,
    "adamw": _ADAM | {"amsgrad": False, "weight_decay": 0.004},
    "ftrl": {
        "learning_rate_power": -0.5,
        "initial_accumulator_value": 0.1,
        "l1_regularization_strength": 0.0,
        "l2_regularization_strength": 0.0,
        "l2_shrinkage_regularization_strength": 0.0,
        "beta": 0.0,
    },
    "lamb": _ADAM,
    "lion": {"beta_1": 0.9, "beta_2": 0.99},
    "muon": {
        "adam_beta_1": 0.9,
        "adam_beta_2": 0.999,
        "adam_weight_decay": 0.004,
        "epsilon": 1e-7,
        "weight_decay": 0.004,
        "muon_a": 3.4445,
        "muon_b": -4.775,
        "muon_c": 2.0315,
        "adam_lr_ratio": 1,
        "momentum": 0.95,
        "ns_steps": 5,
        "nesterov": True,
        "rms_rate": 0.2,
    },
    "nadam": _ADAM,
    "radam": _ADAM | {"threshold": 5.0, "below_threshold": "momentum", "epsilon_inside": False},
    "rmsprop": {"rho": 0.9, "momentum": 0.0, "epsilon": 1e-7, "centered": False},
    "schedule-free-adamw": _ADAM | {"epsilon": 1e-8, "warmup_steps": 0},
    "sgd": {"momentum": 0.0, "nesterov": False},
    "sgd-l2": {"momentum": 0.0, "nesterov": False, "l2": 0.0},
}
"""The algorithms known by name, each with its settings beside the common ones, and their defaults.

The defaults are those of the installed Keras, which a test compares, and of ``optimizers.RAdam``,
``optimizers.adam_2k`` and ``optimizers.sgd_l2``. (Keras' ``weight_decay`` is decoupled in every
algorithm: a step takes learning rate × weight decay off each weight. The ``l2`` of ``sgd-l2`` is
coupled.)
"""


WHOLE_VARIABLE_ALGORITHMS = {
    "adafactor": "it takes means over whole variables",
    "lamb": "it takes the norms of whole variables",
    "muon": "it makes whole matrices orthogonal",
}
"""Algorithms that look at a variable as a whole, and how: their trials cannot train together.

They train one by one, in variables of their own plain shapes. All others of the table treat every
weight by itself.
"""
WHOLE_VARIABLE_SETTINGS = {
    "clipnorm": "clipnorm takes the norms of whole gradients",
    "global_clipnorm": "global_clipnorm takes the norm of all gradients",
}
"""The same of settings."""
