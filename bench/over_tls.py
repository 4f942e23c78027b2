"""The same server once more, on the same database, by TLS."""

import copy
import pathlib
import shutil
import subprocess
import tempfile

from service import BenchError


class OverTls:
    """Starts it, and stops it; what `with` gives is a Service."""

    def __init__(self, service):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vestibule-bench-tls-"))
        self.service = copy.copy(service)
        self.service.process = None
        self.service.ready_file = self.folder / "ready"
        self.service.environment = {**service.environment, "VESTIBULE_DATA_DIR": str(self.folder / "data"),
                                    "VESTIBULE_DATABASE_URL": service.database_url,
                                    "VESTIBULE_SERVER_PUBLIC_TLS_CERTIFICATE": str(self.folder / "certificate.pem"),
                                    "VESTIBULE_SERVER_PUBLIC_TLS_KEY": str(self.folder / "key.pem")}

    def __enter__(self):
        # What Let's Encrypt and most others issue by now.
        made = subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                               "-subj", "/CN=localhost", "-days", "2", "-keyout", str(self.folder / "key.pem"),
                               "-out", str(self.folder / "certificate.pem")], text=True, stderr=subprocess.PIPE, check=False)
        if made.returncode != 0:
            raise BenchError(f"no certificate: {made.stderr.strip()}")
        self.service.start()
        return self.service

    def __exit__(self, *_):
        self.service.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
