"""RAdam's paper, claim by claim: one command runs the studies, one page shows them.

    sweep run paper --budget 2h
    sweep report paper

Liu et al. 2020 (arXiv 1908.03265), and the blog post that this project began with. Headings have
the numbers of the paper's figures and tables. Small studies first, which ask the paper's questions
of other data; then ResNet-20 on CIFAR-10, which is the paper's own setting and for a GPU host; then
its simulation. At the end stands what is not rebuilt.
"""

from sweep.study import Chapter, Collection, LeftOut

collection = Collection(
    name="paper",
    title="On the variance of the adaptive learning rate: what was claimed, what was measured",
    source="L. Liu et al., ICLR 2020, arXiv 1908.03265",
    chapters=(
        Chapter(
            study="variance-reduction",
            heading="Figures 1, 2 and 3: variance in the first steps, on other data",
            claim=(
                "A Transformer's training loss on IWSLT'14 falls below 3 with a warm-up, and stays "
                "around 10 without, where sizes of gradients are distorted within ten steps. "
                "Adam without warm-up goes wrong because its adaptive rate varies too much in the "
                "first steps. Whatever bounds that variance helps: RAdam, a warm-up, a late start "
                "(Adam-2k), a larger ε (Adam-eps)."
            ),
            figures=("robustness", "gradients", "adaptive-rate"),
        ),
        Chapter(
            study="warmup-length",
            heading="Figure 7: lengths of warm-up, on other data",
            claim=(
                "Adam with a warm-up depends on the length of it, and RAdam, which has none, does "
                "as well as the best: on CIFAR-10 91.38 % against 91.29 %."
            ),
        ),
        Chapter(
            study="adam-vs-radam",
            heading="The blog post: two optimizers at one learning rate",
            claim="At 0.001, RAdam's curves of loss and accuracy are steadier than Adam's.",
            figures=("curves",),
        ),
        Chapter(
            study="lr-robustness",
            heading="Figure 6: learning rates, on the blog post's pictures",
            claim="RAdam keeps its performance from 0.003 to 0.1, where others lose theirs.",
        ),
        Chapter(
            study="cifar10-lr-robustness",
            heading="Table 1, Figures 5, 6 and 7: ResNet-20 on CIFAR-10",
            claim=(
                "SGD reaches 91.51 %, RAdam 91.38 %, Adam 90.54 % (Table 1, Figure 5). At 0.1, "
                "0.03, 0.01 and 0.003 the curves of RAdam overlap, and those of Adam and SGD do "
                "not (Figure 6). At 0.1 RAdam has 91.06 %, and Adam with a warm-up of 100 steps "
                "90.13 % (Figure 7)."
            ),
            figures=("robustness", "curves"),
        ),
        Chapter(
            heading="Figures 8 and 9: the adaptive rate's variance with normal gradients",
            claim=(
                "The first-order approximation of the variance is very accurate (Figure 8). "
                "Simulated, the adaptive rate varies most in the first steps, and RAdam's r makes "
                "its variance consistent (Figure 9)."
            ),
            figures=("simulation",),
        ),
    ),
    left_out=(
        LeftOut(
            what="Figure 4: language modelling, LSTMs on One Billion Word",
            why=(
                "Published: a test perplexity of 36.92 with Adam and of 35.70 with RAdam. No "
                "text comes with sweep; a training function or program of your own can be swept."
            ),
        ),
        LeftOut(
            what="Table 1 and Figure 5, ImageNet: ResNet-18",
            why=(
                "Published: SGD 69.86 %, Adam 66.54 %, RAdam 67.62 %. Its 1.3 million pictures "
                "train for days on a GPU, and sweep does not fetch them."
            ),
        ),
        LeftOut(
            what="Table 2, and the task of Figures 1 to 3: translation with Transformers",
            why=(
                "Published: BLEU of Adam with warm-up and of RAdam 34.66 and 34.76 (IWSLT'14 "
                "De-En), 28.56 and 28.48 (En-De), 27.03 and 27.27 (WMT'16 En-De). As for language "
                "modelling; what Figures 1 to 3 show of gradients is asked above of other data."
            ),
        ),
        LeftOut(
            what="Table 3: Adam in place of RAdam in steps 1 to 4, or 5 to 8, on CIFAR-10 at 0.1",
            why=(
                "Published: 91.08 % with RAdam alone, 89.98 % and 90.29 % with the others. No "
                "optimizer of sweep changes after some steps; radam-variants compares the first "
                "steps of RAdam as implementations take them."
            ),
        ),
        LeftOut(
            what="Figure 9 with means of 0.001 to 10",
            why="Above, the mean of the gradients is 0; sweep simulate --mean 0.1 shows another.",
        ),
    ),
)
