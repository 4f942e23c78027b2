#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/child_process.h"
#include "contract/store/database_fixture.h"
#include "support/certificates.h"
#include "support/processes.h"
#include "support/temporary_folder.h"

namespace vestibule::store::test {
namespace {

using vestibule::test::Certificate;
using vestibule::test::CertificateAuthority;

/// A port that was free a moment ago.
unsigned freePort() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  const bool bound = ::bind(socket, reinterpret_cast<sockaddr*>(&address), length) == 0 &&
                     ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) == 0;
  ::close(socket);
  if (!bound) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

/// A MariaDB on a TCP port with a certificate of the test's choice.
class TlsTest : public testing::Test {
 protected:
  TlsTest() { vestibule::test::prepareDataDir(folder_.path()); }
  ~TlsTest() override {
    if (server_ == 0) return;
    ::kill(server_, SIGTERM);
    app::reapChild(server_);
  }

  /// Serves with this certificate; with none, without TLS.
  void serve(const Certificate* certificate) {
    const auto program = app::findProgram("", "mariadbd");
    ASSERT_TRUE(program);
    port_ = freePort();
    const auto data = folder_.path() / "mariadb" / "data";
    app::ChildCommand command;
    command.program = *program;
    command.arguments = {"--no-defaults",
                         "--skip-grant-tables",  // TLS comes before any account is looked at
                         "--datadir=" + data.string(),
                         "--socket=" + (folder_.path() / "tls.sock").string(),
                         "--pid-file=" + (folder_.path() / "tls.pid").string(),
                         "--bind-address=127.0.0.1",
                         "--port=" + std::to_string(port_),
                         "--innodb-buffer-pool-size=32M",
                         "--innodb-log-file-size=8M",
                         "--skip-name-resolve",
                         "--skip-log-bin"};
    if (::geteuid() == 0) command.arguments.emplace_back("--user=root");
    if (certificate != nullptr) {
      command.arguments.emplace_back("--ssl-cert=" + certificate->certificate);
      command.arguments.emplace_back("--ssl-key=" + certificate->key);
    } else {
      command.arguments.emplace_back("--skip-ssl");
    }
    auto started = app::spawnChild(command);
    ASSERT_TRUE(started) << started.error().detail;
    server_ = *started;
    ASSERT_TRUE(vestibule::test::eventually([&] { return connect("").has_value(); }));
  }

  Result<std::unique_ptr<Session>> connect(const std::string& parameters) {
    DatabaseOptions options;
    options.url = "mysql://root@localhost:" + std::to_string(port_) + "/" + parameters;
    return Session::connect(options);
  }
  bool isEncrypted(const std::string& parameters) {
    auto session = connect(parameters);
    EXPECT_TRUE(session) << session.error().internal;
    return session && mysql_get_ssl_cipher((*session)->handle()) != nullptr;
  }

  vestibule::test::TemporaryFolder folder_;
  CertificateAuthority ours_{folder_.path(), "ours"};
  CertificateAuthority others_{folder_.path(), "others"};
  unsigned port_ = 0;
  pid_t server_ = 0;
};

TEST_F(TlsTest, AServerThatProvesItsNameIsAccepted) {
  const auto certificate = ours_.issue("localhost");
  serve(&certificate);
  EXPECT_TRUE(isEncrypted("?ssl_ca=" + ours_.file()));
  EXPECT_TRUE(isEncrypted("?ssl_verify=false&ssl_ca=" + ours_.file()));
  EXPECT_FALSE(connect("?ssl_ca=" + others_.file())) << "issued by somebody else";
  EXPECT_FALSE(connect("?ssl_verify=false&ssl_ca=" + others_.file()));
  EXPECT_FALSE(connect("?ssl_verify=true")) << "no authority of the system's";
}

TEST_F(TlsTest, AServerOfAnotherNameIsRefusedUnlessNamesDoNotMatter) {
  const auto certificate = ours_.issue("elsewhere");
  serve(&certificate);
  EXPECT_FALSE(connect("?ssl_ca=" + ours_.file()));
  EXPECT_TRUE(isEncrypted("?ssl_verify=false&ssl_ca=" + ours_.file()));
}

TEST_F(TlsTest, AServerWithoutTlsIsRefusedWhenTlsIsAskedFor) {
  serve(nullptr);
  EXPECT_FALSE(connect("?ssl_ca=" + ours_.file()));
  EXPECT_FALSE(connect("?ssl_verify=false&ssl_ca=" + ours_.file()));
  EXPECT_FALSE(connect("?ssl_verify=true"));
  EXPECT_TRUE(connect(""));
}

}  // namespace
}  // namespace vestibule::store::test
