@rem npm runs scripts through cmd.exe on Windows, which lacks the "exec" that package.json uses.
@%*
