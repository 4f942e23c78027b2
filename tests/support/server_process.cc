#include "support/server_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <fstream>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "json/parse.h"
#include "support/private_database.h"
#include "support/processes.h"
#include "support/temporary_folder.h"

namespace vestibule::test {
namespace {

std::string readWhole(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

/// Starts a program with its output in files.
pid_t start(const std::string& program, const std::vector<std::string>& arguments,
            const std::vector<std::string>& environment, const std::filesystem::path& output,
            const std::filesystem::path& errors) {
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  std::vector<char*> envp;
  for (const auto& variable : environment) envp.push_back(const_cast<char*>(variable.c_str()));
  envp.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const int flags = O_WRONLY | O_CREAT | O_APPEND;
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), flags, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, errors.c_str(), flags, 0600);
  pid_t pid = 0;
  const int failed =
      posix_spawn(&pid, program.c_str(), &actions, nullptr, argv.data(), envp.data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot start " + program + ": " + strerror(failed));
  return pid;
}

std::vector<std::string> environmentOf(const std::map<std::string, std::string>& variables) {
  std::vector<std::string> environment;
  for (const char* name : {"PATH", "HOME", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name))
      environment.push_back(std::string(name) + "=" + value);
  }
  for (const auto& [name, value] : variables) environment.push_back(name + "=" + value);
  return environment;
}

std::uint16_t portOf(const std::string& ready, const std::string& key) {
  const auto line = ready.find(key + "=");
  const auto end = ready.find('\n', line);
  const auto colon = ready.rfind(':', end);
  if (line == std::string::npos || colon == std::string::npos || colon < line) return 0;
  return static_cast<std::uint16_t>(std::stoi(ready.substr(colon + 1, end - colon - 1)));
}

/// What the schemas of a data folder begin with where they share a server with those of others.
std::string prefixOf(const std::filesystem::path& data_dir) {
  return "s" + std::to_string(std::hash<std::string>()(data_dir.string()));
}

}  // namespace

std::optional<std::string> Answer::header(std::string_view name) const {
  RawAnswer raw;
  raw.head = head;
  return raw.header(name);
}

json::Value Answer::json() const {
  auto value = json::parse(body);
  return value ? *std::move(value) : json::Value();
}

ServerProcess::ServerProcess(std::string program, std::filesystem::path data_dir,
                             std::map<std::string, std::string> environment)
    : program_(std::move(program)),
      data_dir_(std::move(data_dir)),
      log_file_(data_dir_.string() + ".log"),
      variables_(std::move(environment)) {
  variables_.emplace("VESTIBULE_DATA_DIR", data_dir_.string());
  variables_.emplace("VESTIBULE_SERVER_PUBLIC_PORT", "0");
  variables_.emplace("VESTIBULE_SERVER_INTERNAL_PORT", "0");
  if (const char* other = otherDatabaseUrl();
      other != nullptr && !variables_.contains("VESTIBULE_DATABASE_URL")) {
    variables_.emplace("VESTIBULE_DATABASE_URL", other);
    variables_.emplace("VESTIBULE_DATABASE_SCHEMA_PREFIX", prefixOf(data_dir_));
  } else if (!std::filesystem::exists(data_dir_)) {
    prepareDataDir(data_dir_);
  }
  const std::filesystem::path ready = data_dir_.string() + ".ready";
  std::filesystem::remove(ready);
  pid_ = start(program_, {"serve", "--ready-file", ready.string()}, environmentOf(variables_),
               log_file_, log_file_);
  const bool up = eventually([&] { return std::filesystem::exists(ready) || !isRunning(pid_); },
                             std::chrono::seconds(60));
  const std::string text = readWhole(ready);
  public_port_ = portOf(text, "VESTIBULE_SCIM_URL");
  internal_port_ = portOf(text, "VESTIBULE_INTERNAL_URL");
  if (!up || public_port_ == 0 || internal_port_ == 0) {
    const std::string said = log();
    if (isRunning(pid_)) ::kill(pid_, SIGKILL);
    wait();
    throw std::runtime_error("the server did not start:\n" + said);
  }
}

ServerProcess::~ServerProcess() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGTERM);
  wait();
}

std::string ServerProcess::log() const { return readWhole(log_file_); }

void ServerProcess::signal(int number) const {
  if (pid_ != 0) ::kill(pid_, number);
}

int ServerProcess::wait() {
  int status = 0;
  while (pid_ != 0 && ::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  return status;
}

CommandResult runCommand(const std::string& program, const std::vector<std::string>& arguments,
                         const std::map<std::string, std::string>& variables) {
  const TemporaryFolder folder;
  const auto output = folder.path() / "output";
  const auto errors = folder.path() / "errors";
  const pid_t pid = start(program, arguments, environmentOf(variables), output, errors);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, readWhole(output), readWhole(errors)};
}

CommandResult ServerProcess::command(const std::vector<std::string>& arguments) const {
  return runCommand(program_, arguments, variables_);
}

std::string ServerProcess::token(const std::string& name, const std::string& scopes,
                                 const std::string& domain) const {
  std::vector<std::string> arguments{"--json", "token", "create", "--name", name};
  std::istringstream words(scopes);
  for (std::string scope; words >> scope;) {
    arguments.insert(arguments.end(), {"--scope", scope});
  }
  if (!domain.empty()) arguments.insert(arguments.end(), {"--domain", domain});
  const auto made = command(arguments);
  auto shown = json::parse(made.output);
  const auto text = shown ? shown->stringAt("token") : std::nullopt;
  if (!text) throw std::runtime_error("no token was made: " + made.errors);
  std::string token(*text);
  // Every token is told apart from an unknown one by 401, whatever its scopes. Who asks often with
  // one that is not known yet gets 429, and so would tests of tokens that are not valid.
  constexpr std::chrono::milliseconds kPause{20};
  const bool known = eventually([&] {
    const auto status = scim("GET", "/scim/v2/Me", token).status;
    if (status != 401 && status != 429) return true;
    std::this_thread::sleep_for(kPause);
    return false;
  });
  if (!known) throw std::runtime_error("the server does not learn of a new token");
  return token;
}

Answer ServerProcess::request(std::uint16_t port, std::string_view method, std::string_view target,
                              std::string_view token, std::string_view body,
                              const std::vector<std::string>& headers) const {
  std::string text;
  text.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost:");
  text.append(std::to_string(port)).append("\r\nConnection: close\r\n");
  if (!token.empty()) text.append("Authorization: Bearer ").append(token).append("\r\n");
  bool typed = false;
  for (const auto& header : headers) {
    text.append(header).append("\r\n");
    typed = typed || header.rfind("Content-Type:", 0) == 0;
  }
  if (!body.empty() && !typed) text.append("Content-Type: application/scim+json\r\n");
  if (!body.empty() || method == "POST" || method == "PUT" || method == "PATCH") {
    text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  }
  text.append("\r\n").append(body);
  RawClient client(port);
  if (!client.connected() || !client.send(text)) return {};
  auto answer = client.receive(method == "HEAD", std::chrono::seconds(30));
  if (!answer) return {0, true, {}, {}};
  return {answer->status, true, std::move(answer->head), std::move(answer->body)};
}

std::string percentEncode(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      out += '%';
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 0x0FU];
    }
  }
  return out;
}

}  // namespace vestibule::test
