"""后台任务 jobs: work that outlives a request, and messages that follow a transaction.

A job is queued, and an outbox message written, in the business transaction itself: neither is
lost when the process dies, neither exists when the transaction is rolled back.
"""
