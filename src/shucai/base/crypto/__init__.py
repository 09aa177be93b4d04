"""密码算法 cryptography of the standard library's kind: DER, SM2 through libcrypto and by hand."""
