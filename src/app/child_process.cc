#include "app/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "app/operator_error.h"

namespace vestibule::app {
namespace {

constexpr unsigned kCloseRangeCloexec = 4;  // CLOSE_RANGE_CLOEXEC, which older kernel headers lack

/// Everything the child needs, prepared before the fork: after it only async-signal-safe calls are
/// allowed, since another thread may have held any lock (that of malloc, say) at that moment.
struct Prepared {
  const char* program;
  char* const* arguments;
  char* const* environment;
  const char* folder;
  int output_fd;
  int kept_fd;
  int report_fd;
  pid_t parent;
  long open_files_limit;
};

void markAllCloseOnExec(long open_files_limit) {
  if (::syscall(SYS_close_range, 3U, ~0U, kCloseRangeCloexec) == 0) return;
  for (int fd = 3; fd < open_files_limit; ++fd) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
}

void resetSignals() {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) ::sigaction(number, &action, nullptr);
  sigset_t none;
  sigemptyset(&none);
  // NOLINTNEXTLINE(concurrency-mt-unsafe): the child has this one thread.
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void runChild(const Prepared& prepared) {
  const auto giveUp = [&] {
    const int error = errno;
    // Nobody is left to hear of a failed report.
    [[maybe_unused]] const auto written = ::write(prepared.report_fd, &error, sizeof error);
    ::_exit(127);
  };
  resetSignals();
  ::setsid();
  if (::prctl(PR_SET_PDEATHSIG, SIGTERM) != 0) giveUp();
  // The parent may have ended before the line above.
  if (::getppid() != prepared.parent) ::_exit(127);

  const int null_fd = ::open("/dev/null", O_RDWR);
  if (null_fd < 0) giveUp();
  const int output_fd = prepared.output_fd >= 0 ? prepared.output_fd : null_fd;
  if (::dup2(null_fd, STDIN_FILENO) < 0 || ::dup2(output_fd, STDOUT_FILENO) < 0 ||
      ::dup2(output_fd, STDERR_FILENO) < 0) {
    giveUp();
  }
  markAllCloseOnExec(prepared.open_files_limit);
  if (prepared.kept_fd >= 0) ::fcntl(prepared.kept_fd, F_SETFD, 0);
  if (::chdir(prepared.folder) != 0) giveUp();
  ::umask(077);
  ::execve(prepared.program, prepared.arguments, prepared.environment);
  giveUp();
  ::_exit(127);
}

std::vector<char*> pointersTo(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

bool isExecutable(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

Result<pid_t> spawnChild(const ChildCommand& command) {
  std::vector<std::string> arguments;
  arguments.reserve(command.arguments.size() + 1);
  arguments.push_back(command.program);
  arguments.insert(arguments.end(), command.arguments.begin(), command.arguments.end());
  std::vector<std::string> environment = command.environment;
  const auto argument_pointers = pointersTo(arguments);
  const auto environment_pointers = pointersTo(environment);

  // Closed by a successful exec; carries errno otherwise.
  int report[2];
  if (::pipe2(report, O_CLOEXEC) != 0) {
    return operatorFailure(ErrorKind::kUnavailable, "pipe: " + systemMessage(errno));
  }
  const Prepared prepared{.program = command.program.c_str(),
                          .arguments = argument_pointers.data(),
                          .environment = environment_pointers.data(),
                          .folder = command.folder.c_str(),
                          .output_fd = command.output_fd,
                          .kept_fd = command.kept_fd,
                          .report_fd = report[1],
                          .parent = ::getpid(),
                          .open_files_limit = ::sysconf(_SC_OPEN_MAX)};

  // No handler of ours may run in the child before it has reset them.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = ::fork();
  if (pid == 0) runChild(prepared);
  const int fork_error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);

  ::close(report[1]);
  if (pid < 0) {
    ::close(report[0]);
    return operatorFailure(ErrorKind::kUnavailable, "fork: " + systemMessage(fork_error));
  }
  int error = 0;
  ssize_t got = 0;
  do {
    got = ::read(report[0], &error, sizeof error);
  } while (got < 0 && errno == EINTR);
  ::close(report[0]);
  if (got == static_cast<ssize_t>(sizeof error)) {
    reapChild(pid);
    return operatorFailure(
        ErrorKind::kUnavailable,
        fmt::format("{} cannot be started: {}", command.program, systemMessage(error)));
  }
  return pid;
}

bool childHasEnded(pid_t pid) {
  siginfo_t info{};
  const int result = ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT);
  return result != 0 ? errno == ECHILD : info.si_pid == pid;
}

void awaitChildEnd(pid_t pid) {
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
}

int reapChild(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return 0;
  }
  return status;
}

std::string describeExit(int wait_status) {
  if (WIFSIGNALED(wait_status)) {
    const int number = WTERMSIG(wait_status);
    const char* description = ::sigdescr_np(number);
    return fmt::format("was killed by signal {} ({})", number,
                       description == nullptr ? "unknown" : description);
  }
  return fmt::format("exited with code {}", WEXITSTATUS(wait_status));
}

Result<std::string> findProgram(const std::string& configured, const std::string& name) {
  if (!configured.empty()) {
    if (configured.front() != '/') {
      return operatorFailure(ErrorKind::kNotFound,
                             fmt::format("{} is not an absolute path", configured));
    }
    if (isExecutable(configured)) return configured;
    return operatorFailure(ErrorKind::kNotFound,
                           fmt::format("{} is not an executable file", configured));
  }
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in this program changes the environment.
  const char* path_variable = std::getenv("PATH");
  std::string folders = path_variable == nullptr ? "" : path_variable;
  // An ordinary user's PATH has no sbin.
  folders += ":/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/libexec";
  std::string_view rest = folders;
  while (!rest.empty()) {
    const auto colon = rest.find(':');
    const std::string_view folder = rest.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view{} : rest.substr(colon + 1);
    // Nothing is ever run from the working directory.
    if (folder.empty() || folder.front() != '/') continue;
    const std::string candidate = std::string(folder) + "/" + name;
    if (isExecutable(candidate)) return candidate;
  }
  return operatorFailure(ErrorKind::kNotFound, fmt::format("{} is not installed", name));
}

}  // namespace vestibule::app
