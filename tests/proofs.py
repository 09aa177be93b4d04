"""Proofs of work as a browser finds them."""

from itertools import count

from shucai.kernel.identity import throttle
from shucai.kernel.identity.throttle import Proof, Shown


def found(proof: Proof | None) -> Shown:
    """The answer to what a page asks for; nothing where it asks for nothing."""
    if proof is None:
        return Shown()
    number = next(n for n in count() if throttle.solves(proof.ticket, str(n), bits=proof.bits))
    return Shown(ticket=proof.ticket, number=str(number))
