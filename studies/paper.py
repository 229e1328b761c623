"""RAdam's paper, claim by claim: one command runs the studies, one page shows them.

    sweep run paper --budget 2h
    sweep report paper

Liu et al. 2020 (arXiv 1908.03265), and the blog post that this project began with. Small studies
first; the last one, ResNet-20 on CIFAR-10, is the paper's own setting and for a GPU host.
"""

from sweep.study import Chapter, Collection

collection = Collection(
    name="paper",
    title="On the variance of the adaptive learning rate: what was claimed, what was measured",
    source="L. Liu et al., ICLR 2020, arXiv 1908.03265",
    chapters=(
        Chapter(
            study="variance-reduction",
            heading="Variance in the first steps, and its controls (Figures 2 and 3)",
            claim=(
                "Adam without warm-up goes wrong because its adaptive rate varies too much in the "
                "first steps. Whatever bounds that variance helps: RAdam, a warm-up, a late start "
                "(Adam-2k), a larger ε (Adam-eps)."
            ),
            figures=("robustness", "gradients", "adaptive-rate"),
        ),
        Chapter(
            study="warmup-length",
            heading="Lengths of warm-up",
            claim=(
                "Adam with a warm-up depends on the length of it, and RAdam, which has none, does "
                "as well as the best."
            ),
        ),
        Chapter(
            study="adam-vs-radam",
            heading="Two optimizers at one learning rate (the blog post)",
            claim="At 0.001, RAdam's curves of loss and accuracy are steadier than Adam's.",
            figures=("curves",),
        ),
        Chapter(
            study="lr-robustness",
            heading="Learning rates, on the blog post's pictures",
            claim="RAdam keeps its performance from 0.003 to 0.1, where others lose theirs.",
        ),
        Chapter(
            study="cifar10-lr-robustness",
            heading="Learning rates, ResNet-20 on CIFAR-10 (section 5.2)",
            claim=(
                "RAdam reaches 91.38 % on CIFAR-10, and 91.06 % at a learning rate of 0.1, where "
                "Adam with a warm-up of 100 steps has 90.13 %."
            ),
        ),
    ),
)
