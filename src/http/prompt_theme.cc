#include "http/prompt_theme.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/log.h"
#include "http/language.h"
#include "jit/prompt_settings.h"

namespace vestibule::http {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPage = "page";
constexpr std::string_view kOutcome = "outcome";
constexpr std::uintmax_t kMaxFileBytes = std::uintmax_t{4} * 1024 * 1024;

struct MediaType {
  std::string_view ending;
  std::string_view name;
};
constexpr std::array<MediaType, 10> kMediaTypes = {{
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".gif", "image/gif"},
    {".webp", "image/webp"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
}};

std::string_view mediaTypeOf(std::string_view file_name) {
  for (const auto& [ending, name] : kMediaTypes) {
    if (file_name.ends_with(ending)) return name;
  }
  return {};
}

bool isFileName(std::string_view name) {
  return !name.empty() && name.front() != '.' && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

/// The tag of `text.TAG.json`; empty for any other name.
std::string languageOf(std::string_view file_name) {
  constexpr std::string_view kBegin = "text.";
  constexpr std::string_view kEnd = ".json";
  if (!file_name.starts_with(kBegin) || !file_name.ends_with(kEnd) ||
      file_name.size() <= kBegin.size() + kEnd.size()) {
    return {};
  }
  return std::string(
      file_name.substr(kBegin.size(), file_name.size() - kBegin.size() - kEnd.size()));
}

bool isOfTheme(std::string_view file_name) {
  return isFileName(file_name) && (file_name.ends_with(".html") || !languageOf(file_name).empty() ||
                                   !mediaTypeOf(file_name).empty());
}

std::map<std::string, std::string> textFiles(const PromptTheme::Files& files) {
  std::map<std::string, std::string> texts;
  for (const auto& [name, content] : files) {
    if (auto language = languageOf(name); !language.empty()) texts[language] = content;
  }
  return texts;
}

Result<PageTemplate> compilePage(const TemplatePieces& templates, std::string_view name) {
  const auto file = std::string(name) + ".html";
  const auto found = templates.find(name);
  if (found == templates.end()) {
    return failure(ErrorKind::kInvalidValue, file + " is missing");
  }
  auto page = PageTemplate::compile(found->second, templates);
  if (!page) page.error().detail = file + ", " + page.error().detail;
  return page;
}

Result<PromptTheme::Files> readFiles(const fs::path& folder) {
  PromptTheme::Files files;
  std::error_code error;
  for (auto entry = fs::directory_iterator(folder, error);
       !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const auto name = entry->path().filename().string();
    if (!isOfTheme(name) || !entry->is_regular_file(error)) continue;
    if (entry->file_size(error) > kMaxFileBytes) {
      return failure(ErrorKind::kInvalidValue, name + " is larger than 4 MiB");
    }
    std::ifstream file(entry->path(), std::ios::binary);
    std::ostringstream content;
    // An empty file sets the failure bit of what it is read into.
    if (file && file.peek() != std::ifstream::traits_type::eof()) content << file.rdbuf();
    if (!file.is_open() || file.bad() || !content) {
      return failure(ErrorKind::kInvalidValue, name + " cannot be read");
    }
    files[name] = std::move(content).str();
  }
  if (error) {
    return failure(ErrorKind::kNotFound, "the folder cannot be read: " + error.message());
  }
  return files;
}

/// Names, sizes and times of the files of a folder; anything for one that is not there.
std::string stampOf(const fs::path& folder) {
  std::vector<std::string> lines;
  std::error_code error;
  for (auto entry = fs::directory_iterator(folder, error);
       !error && entry != fs::directory_iterator(); entry.increment(error)) {
    std::error_code ignored;  // a file that has just gone changes the stamp as well
    lines.push_back(entry->path().filename().string() + ' ' +
                    std::to_string(entry->file_size(ignored)) + ' ' +
                    std::to_string(entry->last_write_time(ignored).time_since_epoch().count()));
  }
  std::sort(lines.begin(), lines.end());
  std::string stamp;
  for (const auto& line : lines) stamp += line + '\n';
  return stamp;
}

tl::unexpected<Error> inTheme(std::string_view name, Error error) {
  error.detail = "theme " + std::string(name) + ": " + error.detail;
  return tl::make_unexpected(std::move(error));
}

}  // namespace

Result<std::shared_ptr<const PromptTheme>> PromptTheme::make(std::string name,
                                                             const Files& standard,
                                                             const Files& own) {
  Files files = own;
  files.insert(standard.begin(), standard.end());
  TemplatePieces templates;
  for (const auto& [file, content] : files) {
    constexpr std::string_view kEnding = ".html";
    if (file.ends_with(kEnding)) templates[file.substr(0, file.size() - kEnding.size())] = content;
  }
  auto page = compilePage(templates, kPage);
  if (!page) return propagate(page);
  if (!page->mentions("csrf")) {
    return failure(ErrorKind::kInvalidValue,
                   "page.html has no {{csrf}}: no answer could be accepted from it");
  }
  auto outcome = compilePage(templates, kOutcome);
  if (!outcome) return propagate(outcome);
  auto texts = PromptTexts::combine(textFiles(standard), textFiles(own));
  if (!texts) return propagate(texts);
  std::shared_ptr<PromptTheme> theme(
      new PromptTheme(std::move(name), *std::move(page), *std::move(outcome), *std::move(texts)));
  for (auto& [file, content] : files) {
    const auto media_type = mediaTypeOf(file);
    if (media_type.empty()) continue;
    auto version = toBase64Url(sha256(content)).substr(0, 16);
    theme->files_[file] = ThemeFile{std::move(content), media_type, std::move(version)};
  }
  return theme;
}

const ThemeFile* PromptTheme::file(std::string_view file_name) const {
  const auto found = files_.find(file_name);
  return found == files_.end() ? nullptr : &found->second;
}

std::string PromptTheme::url(std::string_view base, std::string_view file_name) const {
  auto address = std::string(base) + "/provision/assets/" + name_ + "/" + std::string(file_name);
  const auto* found = file(file_name);
  return found == nullptr ? address : address + "?v=" + found->version;
}

PromptThemes::PromptThemes(fs::path standard, fs::path own)
    : standard_(std::move(standard)), own_(std::move(own)) {}

Result<fs::path> PromptThemes::folderOf(std::string_view name) const {
  if (!jit::isThemeName(name)) {
    return failure(ErrorKind::kInvalidValue,
                   "a theme is called by 1 to 64 of the characters a-z, 0-9, - and _");
  }
  if (name == jit::kDefaultTheme) return fs::path();
  if (own_.empty()) {
    return failure(ErrorKind::kNotFound,
                   "there is no folder of themes: set [prompt] themes in the configuration");
  }
  const auto folder = own_ / name;
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return failure(ErrorKind::kNotFound, "there is no such folder below [prompt] themes");
  }
  return folder;
}

Result<std::shared_ptr<const PromptTheme>> PromptThemes::read(std::string_view name) const {
  const auto folder = folderOf(name);
  if (!folder) return inTheme(name, folder.error());
  const auto standard = readFiles(standard_);
  if (!standard) return inTheme(jit::kDefaultTheme, standard.error());
  const auto own = folder->empty() ? Result<PromptTheme::Files>() : readFiles(*folder);
  if (!own) return inTheme(name, own.error());
  auto theme = PromptTheme::make(std::string(name), *standard, *own);
  if (!theme) return inTheme(name, theme.error());
  return theme;
}

Result<std::shared_ptr<const PromptTheme>> PromptThemes::theme(std::string_view name) {
  if (name.empty()) name = jit::kDefaultTheme;
  auto stamp = stampOf(standard_);
  if (const auto folder = folderOf(name); folder && !folder->empty()) stamp += stampOf(*folder);
  const std::lock_guard lock(mutex_);
  const auto kept = kept_.find(name);
  if (kept != kept_.end() && kept->second.stamp == stamp) return kept->second.theme;
  auto fresh = read(name);
  if (!fresh) {
    if (kept == kept_.end()) return fresh;
    logEvent(events::kThemeUnread, {{"reason", fresh.error().detail}});
    kept->second.stamp = std::move(stamp);
    return kept->second.theme;
  }
  kept_[std::string(name)] = Kept{std::move(stamp), *fresh};
  return fresh;
}

Result<void> PromptThemes::checkTheme(std::string_view name) const {
  const auto theme = read(name.empty() ? jit::kDefaultTheme : name);
  if (!theme) return tl::make_unexpected(theme.error());
  return {};
}

}  // namespace vestibule::http
