"""Runs a command in a terminal of its own and, once rows are done, presses Ctrl-C.

    terminal.py COLUMNS ROWS OUT.h5 COMMAND...

ROWS = 0: no key is pressed. What the terminal shows goes to stdout; the exit status is the command's.
"""
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time


def is_far_enough(path, rows):
    rows_py = os.path.join(os.path.dirname(os.path.abspath(__file__)), "rows.py")
    if rows == 0 or not os.path.exists(path):
        return False
    answer = subprocess.run([sys.executable, rows_py, "count", path], capture_output=True, text=True)
    return answer.returncode == 0 and int(answer.stdout) >= rows


def main(columns, rows, path, command):
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        os.execvp(command[0], command)
    pressed, deadline = False, time.monotonic() + 120
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.05)[0]:
            try:
                sys.stdout.buffer.write(os.read(terminal, 65536))
            except OSError:
                break
        if not pressed and is_far_enough(path, rows):
            os.write(terminal, b"\x03")
            pressed = True
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:]))
