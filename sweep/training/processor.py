"""What numba has no words for, in LLVM's: sums in a processor's registers, and denormal numbers.

In the flow: ``sparse_kernel`` calls it from what numba compiles, and keeps until that file changes.
"""

import platform
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from sweep.training.sparse import WIDTH

_IS_X86 = platform.machine().lower() in ("x86_64", "amd64")
_FLUSH = 0x8040
"""Bits of x86's MXCSR: results that are denormal are 0, and so are operands."""


def _flushing(typing_context: Any, state: Any) -> Any:  # noqa: ARG001 (numba's signature)
    """Take denormal numbers for 0 in this thread from now on, or (given a state) as before.

    TensorFlow does so in its kernels too. Moments of units that are dead, and gradients where all
    is right, become denormal, and many processors take a hundred times as long for those. Others
    than x86 do not, so they are left as they are.

    Returns:
        The state before.
    """

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        word, pointer = ir.IntType(32), ir.IntType(8).as_pointer()
        if not _IS_X86:
            return word(0)
        kind = ir.FunctionType(ir.VoidType(), [pointer])
        place = builder.alloca(word)
        where = builder.bitcast(place, pointer)
        read, write = (
            builder.module.declare_intrinsic(f"llvm.x86.sse.{name}", (), kind)
            for name in ("stmxcsr", "ldmxcsr")
        )
        builder.call(read, [where])
        before, given = builder.load(place), arguments[0]
        flushing = builder.or_(before, word(_FLUSH))
        is_given = builder.icmp_unsigned("!=", given, word(0))
        builder.store(builder.select(is_given, given, flushing), place)
        builder.call(write, [where])
        return before

    return types.uint32(types.uint32), generate


flush_denormals: Any = intrinsic(_flushing)


def _adding(
    typing_context: Any,  # noqa: ARG001 (numba's signature)
    sums: Any,
    matrix: Any,
    places: Any,
    factors: Any,
    count: Any,
) -> Any:
    """Add factor × row of a matrix to sums, for each listed row, four at a time.

    The sums stay in registers until the list ends.

    Args:
        sums, matrix: (``WIDTH``,) and (rows, ``WIDTH``), float32, contiguous.
        places, factors: rows, uint32, and their factors, float32; a multiple of four.
        count: how many of them count; a list that ends between fours goes on with zeros.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vector, whole = ir.VectorType(ir.FloatType(), WIDTH), ir.IntType(64)
        to, rows, numbers, weights = (
            context.make_array(kind)(context, builder, argument).data
            for kind, argument in zip(signature.args[:4], arguments[:4], strict=True)
        )

        def product(n: Any) -> Any:
            factor = builder.load(builder.gep(weights, [n]))
            one = builder.insert_element(
                ir.Constant(vector, ir.Undefined), factor, ir.IntType(32)(0)
            )
            same = builder.shuffle_vector(
                one, one, ir.VectorType(ir.IntType(32), WIDTH)([0] * WIDTH)
            )
            place = builder.zext(builder.load(builder.gep(numbers, [n])), whole)
            row = builder.gep(rows, [builder.mul(place, whole(WIDTH))])
            return builder.fmul(same, read(row), flags=["contract"])

        def read(pointer: Any) -> Any:
            return builder.load(builder.bitcast(pointer, vector.as_pointer()), align=4)

        before = builder.block
        start = read(to)
        head, body, end = map(builder.append_basic_block, ("head", "body", "end"))
        builder.branch(head)
        builder.position_at_end(head)
        n, total = builder.phi(whole), builder.phi(vector)
        builder.cbranch(builder.icmp_unsigned("<", n, arguments[4]), body, end)
        builder.position_at_end(body)
        added = product(n)
        for step in (1, 2, 3):
            added = builder.fadd(added, product(builder.add(n, whole(step))), flags=["contract"])
        for phi, first, later in (
            (n, whole(0), builder.add(n, whole(4))),
            (total, start, builder.fadd(total, added)),
        ):
            phi.add_incoming(first, before)
            phi.add_incoming(later, builder.block)
        builder.branch(head)
        builder.position_at_end(end)
        builder.store(total, builder.bitcast(to, vector.as_pointer()), align=4)
        return context.get_dummy_value()

    return types.void(sums, matrix, places, factors, count), generate


add_products_in_registers: Any = intrinsic(_adding)
