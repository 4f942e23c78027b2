#include "store/client_connection.h"

#include <soci/mysql/soci-mysql.h>

#include <cstdarg>
#include <cstddef>
#include <string>

// The library exports this, but the header that declares it includes one that is not installed.
extern "C" {
struct st_mysql_client_plugin;
st_mysql_client_plugin* mysql_client_register_plugin(MYSQL* mysql, st_mysql_client_plugin* plugin);
}

namespace vestibule::store {
namespace {

/// A connection plugin as mysql/client_plugin.h lays it out, interface version 1.0: the library
/// checks that number.
struct ConnectionPlugin {
  int type = 103;  // MARIADB_CLIENT_CONNECTION_PLUGIN
  unsigned interface_version = 0x0100;
  const char* name = "vestibule";
  const char* author = "Vestibule";
  const char* description = "sets what SOCI cannot set";
  unsigned version[3] = {1, 0, 0};
  const char* license = "GPL";
  void* api = nullptr;
  int (*init)(char*, std::size_t, int, va_list) = nullptr;
  int (*deinit)() = nullptr;
  int (*options)(const char*, const void*) = nullptr;
  MYSQL* (*connect)(MYSQL*, const char*, const char*, const char*, const char*, unsigned,
                    const char*, unsigned long) = nullptr;
  void (*close)(MYSQL*) = nullptr;
  int (*set_options)(MYSQL*, unsigned, ...) = nullptr;
  int (*set_connection)(MYSQL*, enum_server_command, const char*, std::size_t, my_bool,
                        void*) = nullptr;
  my_bool (*reconnect)(MYSQL*) = nullptr;
  int (*reset)(MYSQL*) = nullptr;
};

struct Target {
  const DatabaseUrl& url;
  const DatabaseOptions& options;
};

// The library calls back on the thread that connects, with no room for an argument of ours.
thread_local const Target* connecting_to = nullptr;

const char* orNull(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

MYSQL* connectToTarget(MYSQL* mysql, const char*, const char*, const char*, const char*, unsigned,
                       const char*, unsigned long flags) {
  if (connecting_to == nullptr) return nullptr;
  const auto& [url, options] = *connecting_to;
  const unsigned off = 0;
  const my_bool no = 0;
  const my_bool yes = 1;
  // Otherwise the library takes the name `localhost` for a socket at a place of its own.
  const unsigned protocol = url.socket.empty() ? MYSQL_PROTOCOL_TCP : MYSQL_PROTOCOL_SOCKET;
  mysql_options(mysql, MYSQL_OPT_PROTOCOL, &protocol);
  mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &options.connect_seconds);
  mysql_options(mysql, MYSQL_OPT_READ_TIMEOUT, &options.read_seconds);
  mysql_options(mysql, MYSQL_OPT_WRITE_TIMEOUT, &options.read_seconds);
  mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  mysql_options(mysql, MYSQL_OPT_LOCAL_INFILE, &off);
  mysql_options(mysql, MYSQL_OPT_RECONNECT, &no);
  if (url.wantsTls()) {
    mysql_options(mysql, MYSQL_OPT_SSL_ENFORCE, &yes);
    mysql_options(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, url.ssl_verify ? &yes : &no);
    if (!url.ssl_ca.empty()) mysql_options(mysql, MYSQL_OPT_SSL_CA, url.ssl_ca.c_str());
    if (!url.ssl_cert.empty()) mysql_options(mysql, MYSQL_OPT_SSL_CERT, url.ssl_cert.c_str());
    if (!url.ssl_key.empty()) mysql_options(mysql, MYSQL_OPT_SSL_KEY, url.ssl_key.c_str());
  }
  return mysql_real_connect(mysql, orNull(url.host), url.user.c_str(), orNull(url.password),
                            nullptr, url.port, orNull(url.socket), flags | CLIENT_MULTI_STATEMENTS);
}

/// The reason why the library refused the plugin; empty when it took it.
std::string registerPlugin() {
  static ConnectionPlugin plugin = [] {
    ConnectionPlugin made;
    made.connect = connectToTarget;
    made.close = [](MYSQL*) {};
    made.set_connection = [](MYSQL*, enum_server_command, const char*, std::size_t, my_bool,
                             void*) { return 0; };
    return made;
  }();
  if (mysql_library_init(0, nullptr, nullptr) != 0) return "the library cannot be initialised";
  MYSQL* mysql = mysql_init(nullptr);
  if (mysql == nullptr) return "out of memory";
  std::string problem;
  if (mysql_client_register_plugin(mysql, reinterpret_cast<st_mysql_client_plugin*>(&plugin)) ==
      nullptr) {
    problem = mysql_error(mysql);
  }
  mysql_close(mysql);
  return problem;
}

}  // namespace

Result<void> openConnection(soci::session& session, const DatabaseUrl& url,
                            const DatabaseOptions& options) {
  static const std::string problem = registerPlugin();
  if (!problem.empty()) {
    return internalFailure("the MySQL client library refuses the connection plugin: " + problem);
  }
  const Target target{url, options};
  struct Connecting {
    explicit Connecting(const Target& to) { connecting_to = &to; }
    ~Connecting() { connecting_to = nullptr; }
  } connecting(target);
  // SOCI quotes by the character set of this string, so it must say what the connection speaks.
  session.open(soci::mysql, "host=vestibule:// charset=utf8mb4");
  // Unless it verifies the server, the library goes on without TLS where the server offers none.
  auto* mysql = static_cast<soci::mysql_session_backend*>(session.get_backend())->conn_;
  if (url.wantsTls() && mysql_get_ssl_cipher(mysql) == nullptr) {
    session.close();
    return internalFailure("the database URL asks for TLS, and the server offers none");
  }
  return {};
}

}  // namespace vestibule::store
