#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <thread>

#include "app/command_line.h"
#include "app/command_output.h"
#include "app/config.h"
#include "app/metrics_fetch.h"
#include "app/operator_error.h"
#include "app/top_view.h"
#include "json/write.h"

namespace vestibule::app {
namespace {

constexpr const char* kTokenVariable = "VESTIBULE_TOKEN";

struct TopArguments {
  std::string url;
  std::string token_file;
  std::string ca_file;
  std::string certificate;
  std::string key;
  double interval = 2;
  bool once = false;
};

/// The internal address of the configuration, as somebody on this machine reaches it.
std::string ownUrl(const Config& config) {
  const auto& server = config.server;
  std::string host = server.internal_address;
  if (host == "0.0.0.0") host = "127.0.0.1";
  if (host == "::") host = "::1";
  if (host.find(':') != std::string::npos) host = '[' + host + ']';
  return (server.internal_tls_certificate.empty() ? "http://" : "https://") + host + ':' +
         std::to_string(server.internal_port);
}

Result<Secret> readToken(const std::string& file) {
  if (file.empty()) {
    const auto environment = processEnvironment();
    const auto value = environment.find(kTokenVariable);
    if (value != environment.end() && !value->second.empty()) return Secret(value->second);
    return operatorFailure(
        ErrorKind::kUnauthenticated,
        std::string("a token of the scope admin is needed: --token-file or ") + kTokenVariable);
  }
  std::string token;
  if (std::ifstream stream(file); !(stream >> token)) {
    return operatorFailure(ErrorKind::kNotFound, "there is no token in the file " + file);
  }
  return Secret(std::move(token));
}

Result<MetricsEndpoint> endpointOf(const TopArguments& arguments, const Config& config) {
  auto token = readToken(arguments.token_file);
  if (!token) return propagate(token);
  MetricsEndpoint endpoint;
  std::string url = arguments.url.empty() ? ownUrl(config) : arguments.url;
  while (url.ends_with('/')) url.pop_back();
  endpoint.url = url.ends_with("/metrics") ? url : url + "/metrics";
  endpoint.token = *std::move(token);
  endpoint.ca_file = arguments.ca_file;
  endpoint.certificate = arguments.certificate;
  endpoint.key = arguments.key.empty() ? arguments.certificate : arguments.key;
  return endpoint;
}

/// A scrape and when it was made.
struct Moment {
  Scrape scrape;
  std::chrono::steady_clock::time_point at;
};

Result<Moment> look(const MetricsEndpoint& endpoint) {
  auto text = fetchMetrics(endpoint);
  if (!text) return propagate(text);
  const auto at = std::chrono::steady_clock::now();
  auto scrape = Scrape::read(*text);
  if (!scrape) return propagate(scrape);
  return Moment{*std::move(scrape), at};
}

TopPicture pictureOf(const Moment& before, const Moment& after) {
  const std::chrono::duration<double> between = after.at - before.at;
  const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
  return pictureOf(Interval(before.scrape, after.scrape, between.count()), now.count());
}

/// Shows one picture, in place of the one before where that is a terminal.
class Screen {
 public:
  explicit Screen(bool json) : json_(json), in_place_(!json && ::isatty(STDOUT_FILENO) == 1) {}

  void show(const TopPicture& picture) {
    if (json_) {
      std::printf("%s\n", json::write(describe(picture)).c_str());
    } else {
      showText(app::show(picture));
    }
    static_cast<void>(std::fflush(stdout));
  }

  /// What is shown while there is no answer.
  void showTrouble(const Error& error) {
    showText(operatorText(error) + "\n");
    static_cast<void>(std::fflush(stdout));
  }

 private:
  /// ECMA-48: the cursor goes home; each line clears what was behind it, the last all below.
  void showText(std::string text) {
    if (!in_place_) {
      if (began_) text.insert(0, 1, '\n');
    } else {
      std::string lines = "\x1b[H";
      for (const char c : text) {
        if (c == '\n') lines += "\x1b[K";
        lines += c;
      }
      text = (began_ ? "" : "\x1b[2J") + lines + "\x1b[J";
    }
    began_ = true;
    std::printf("%s", text.c_str());
  }

  const bool json_;
  const bool in_place_;
  bool began_ = false;
};

int top(const TopArguments& arguments, const Config& config, bool json) {
  auto endpoint = endpointOf(arguments, config);
  if (!endpoint) return printFailure(endpoint.error());
  auto before = look(*endpoint);
  if (!before) return printFailure(before.error());
  Screen screen(json);
  for (;;) {
    std::this_thread::sleep_for(std::chrono::duration<double>(arguments.interval));
    auto after = look(*endpoint);
    if (!after) {
      // A server that is restarted comes back; a script wants to know.
      if (arguments.once || json) return printFailure(after.error());
      screen.showTrouble(after.error());
      continue;
    }
    screen.show(pictureOf(*before, *after));
    if (arguments.once) return 0;
    before = std::move(after);
  }
}

}  // namespace

void addTopCommand(Command root, CommandLine& line) {
  constexpr double kShortest = 0.1;
  constexpr double kLongest = 3'600;
  auto command = root.addSubcommand("top", "Watch a running server by its metrics");
  auto arguments = std::make_shared<TopArguments>();
  command.addOption("--url", arguments->url,
                    "The internal address of the server (default: that of the configuration)");
  command.addOption("--token-file", arguments->token_file,
                    "File with a token of the scope admin (default: the variable "
                    "VESTIBULE_TOKEN)");
  command.addOption("--ca-file", arguments->ca_file,
                    "PEM file of the authority of the server's certificate");
  auto certificate = command.addOption("--certificate", arguments->certificate,
                                       "PEM file of a client certificate");
  command.addOption("--key", arguments->key, "PEM file of its key").needs(certificate);
  command.addOption("--interval", arguments->interval, "Seconds between two looks (default: 2)")
      .range(kShortest, kLongest);
  command.addFlag("--once", arguments->once, "Show one interval and end");
  line.on(command, [&line, arguments] { return top(*arguments, line.config(), line.json()); });
}

}  // namespace vestibule::app
