"""An SFTP server of others (asyncssh) over a folder; prints its port and the fingerprint of its key."""

import asyncio
import sys

import asyncssh

ROOT, PASSWORD = sys.argv[1], sys.argv[2]


class Server(asyncssh.SSHServer):
    def password_auth_supported(self):
        return True

    def validate_password(self, username, password):
        return username == "weir" and password == PASSWORD


async def main():
    key = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
    listening = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=Server,
        server_host_keys=[key],
        sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=ROOT),
        allow_scp=False,
    )
    print(listening.get_port(), key.get_fingerprint(), flush=True)
    # Ends with the test, which closes the pipe.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
