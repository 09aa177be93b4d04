"""国库集中支付 treasury payment: from a unit's application to money paid.

An application draws on unit allotments: it holds on submit, settles on payment, releases on
return or cancellation and gives back on reversal.
"""
