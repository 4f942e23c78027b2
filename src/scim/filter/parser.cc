#include "scim/filter/parser.h"

#include <array>
#include <utility>

#include "base/unicode.h"
#include "json/parse.h"
#include "scim/filter/lexer.h"

namespace vestibule::scim {
namespace {

struct OperatorName {
  std::string_view name;
  std::optional<CompareOp> op;
};

constexpr std::array<OperatorName, 10> kOperators{{{"eq", CompareOp::kEq},
                                                   {"ne", CompareOp::kNe},
                                                   {"co", CompareOp::kCo},
                                                   {"sw", CompareOp::kSw},
                                                   {"ew", CompareOp::kEw},
                                                   {"gt", CompareOp::kGt},
                                                   {"ge", CompareOp::kGe},
                                                   {"lt", CompareOp::kLt},
                                                   {"le", CompareOp::kLe},
                                                   {"pr", std::nullopt}}};

const OperatorName* findOperator(std::string_view word) {
  for (const OperatorName& candidate : kOperators) {
    if (equalIgnoringAsciiCase(word, candidate.name)) return &candidate;
  }
  return nullptr;
}

/// A literal that stands without quotes: a JSON number, true, false, null, or a word that is none
/// of them.
FilterLiteral bareLiteral(const FilterToken& token) {
  FilterLiteral literal{std::nullopt, std::string(token.text), token.position};
  if (token.text == "true") {
    literal.value = json::Value(true);
  } else if (token.text == "false") {
    literal.value = json::Value(false);
  } else if (token.text == "null") {
    literal.value = json::Value();
  } else if (Result<json::Value> parsed = json::parse(token.text); parsed && parsed->isNumber()) {
    literal.value = std::move(*parsed);
  }
  return literal;
}

class Parser {
 public:
  Parser(std::string_view text, bool inside_value_path, const FilterLimits& limits)
      : text_(text), lexer_(text), limits_(limits), inside_value_path_(inside_value_path) {}

  Result<FilterSyntax> parse() {
    if (Result<void> read = advance(); !read) return propagate(read);
    if (token_.kind == FilterTokenKind::kEnd) return fail(token_, "the filter is empty");
    Result<NodeIndex> root = disjunction(0);
    if (!root) return propagate(root);
    if (token_.kind != FilterTokenKind::kEnd) return unexpected("'and', 'or' or the end");
    syntax_.root = *root;
    return std::move(syntax_);
  }

 private:
  Result<void> advance() {
    Result<FilterToken> token = lexer_.next();
    if (!token) return propagate(token);
    token_ = std::move(*token);
    return {};
  }

  tl::unexpected<Error> fail(const FilterToken& token, std::string_view reason) const {
    return filterFailure(text_, token.position, reason);
  }

  tl::unexpected<Error> unexpected(std::string_view expected) const {
    return fail(token_, "expected " + std::string(expected) + ", found " + describeToken(token_));
  }

  bool atWord(std::string_view word) const {
    return token_.kind == FilterTokenKind::kWord && equalIgnoringAsciiCase(token_.text, word);
  }

  NodeIndex push(SyntaxNode node) {
    syntax_.nodes.push_back(std::move(node));
    return static_cast<NodeIndex>(syntax_.nodes.size() - 1);
  }

  Result<void> countTerm(const FilterToken& at) {
    if (++terms_ > limits_.terms) {
      return fail(at, "more than " + std::to_string(limits_.terms) + " terms");
    }
    return {};
  }

  Result<NodeIndex> disjunction(std::size_t depth) {
    std::vector<NodeIndex> children;
    for (;;) {
      Result<NodeIndex> child = conjunction(depth);
      if (!child) return propagate(child);
      children.push_back(*child);
      if (!atWord("or")) break;
      if (Result<void> read = advance(); !read) return propagate(read);
    }
    return children.size() == 1 ? children.front() : push(SyntaxOr{std::move(children)});
  }

  Result<NodeIndex> conjunction(std::size_t depth) {
    std::vector<NodeIndex> children;
    for (;;) {
      Result<NodeIndex> child = factor(depth);
      if (!child) return propagate(child);
      children.push_back(*child);
      if (!atWord("and")) break;
      if (Result<void> read = advance(); !read) return propagate(read);
    }
    return children.size() == 1 ? children.front() : push(SyntaxAnd{std::move(children)});
  }

  Result<NodeIndex> factor(std::size_t depth) {
    if (token_.kind == FilterTokenKind::kOpen) return group(depth);
    if (token_.kind != FilterTokenKind::kWord) return unexpected("an attribute, 'not' or '('");
    if (atWord("and") || atWord("or")) return unexpected("an attribute, 'not' or '('");
    const FilterToken first = token_;
    if (Result<void> read = advance(); !read) return propagate(read);
    if (equalIgnoringAsciiCase(first.text, "not")) {
      if (token_.kind != FilterTokenKind::kOpen) return unexpected("'(' after 'not'");
      Result<NodeIndex> child = group(depth);
      if (!child) return propagate(child);
      return push(SyntaxNot{*child});
    }
    if (token_.kind == FilterTokenKind::kOpenBracket) return valuePath(first, depth);
    Result<SyntaxTerm> term = comparison(first);
    if (!term) return propagate(term);
    return push(std::move(*term));
  }

  /// What stands between `(` or `[`, at which the parser is, and `close`; ends behind `close`.
  Result<NodeIndex> enclosed(FilterTokenKind close, std::string_view close_text,
                             std::size_t depth) {
    if (depth >= limits_.depth) {
      return fail(token_, "nested deeper than " + std::to_string(limits_.depth));
    }
    const FilterToken open = token_;
    if (Result<void> read = advance(); !read) return propagate(read);
    Result<NodeIndex> child = disjunction(depth + 1);
    if (!child) return propagate(child);
    if (token_.kind != close) {
      return unexpected("'and', 'or' or the '" + std::string(close_text) + "' for the " +
                        describeToken(open) + " before it");
    }
    if (Result<void> read = advance(); !read) return propagate(read);
    return child;
  }

  Result<NodeIndex> group(std::size_t depth) {
    return enclosed(FilterTokenKind::kClose, ")", depth);
  }

  Result<NodeIndex> valuePath(const FilterToken& path, std::size_t depth) {
    if (inside_value_path_) return fail(token_, "'[' inside '[…]'");
    if (Result<void> counted = countTerm(path); !counted) return propagate(counted);
    inside_value_path_ = true;
    Result<NodeIndex> child = enclosed(FilterTokenKind::kCloseBracket, "]", depth);
    inside_value_path_ = false;
    if (!child) return propagate(child);
    SyntaxValuePath node{std::string(path.text), path.position, *child, std::nullopt};
    const bool behind = token_.kind == FilterTokenKind::kWord && token_.text.front() == '.';
    if (behind) {
      FilterToken sub = token_;
      sub.text.remove_prefix(1);
      if (Result<void> read = advance(); !read) return propagate(read);
      Result<SyntaxTerm> term = comparison(sub);
      if (!term) return propagate(term);
      node.behind = std::move(*term);
    }
    return push(std::move(node));
  }

  /// The operator and the literal behind a path.
  Result<SyntaxTerm> comparison(const FilterToken& path) {
    if (Result<void> counted = countTerm(path); !counted) return propagate(counted);
    const OperatorName* found =
        token_.kind == FilterTokenKind::kWord ? findOperator(token_.text) : nullptr;
    if (found == nullptr) {
      return unexpected("an operator (eq, ne, co, sw, ew, gt, ge, lt, le or pr)");
    }
    if (Result<void> read = advance(); !read) return propagate(read);
    SyntaxTerm term{std::string(path.text), path.position, found->op, {}};
    if (!term.op) return term;
    if (token_.kind == FilterTokenKind::kString) {
      term.literal = FilterLiteral{json::Value(std::move(token_.content)), {}, token_.position};
    } else if (token_.kind == FilterTokenKind::kWord) {
      term.literal = bareLiteral(token_);
    } else {
      return unexpected("a value (a string in double quotes, a number, true, false or null)");
    }
    if (Result<void> read = advance(); !read) return propagate(read);
    return term;
  }

  std::string_view text_;
  FilterLexer lexer_;
  FilterLimits limits_;
  bool inside_value_path_;
  FilterToken token_;
  std::size_t terms_ = 0;
  FilterSyntax syntax_;
};

}  // namespace

Result<FilterSyntax> parseFilterSyntax(std::string_view text, bool inside_value_path,
                                       const FilterLimits& limits) {
  if (text.size() > limits.bytes) {
    return failure(ErrorKind::kInvalidFilter,
                   "the filter is longer than " + std::to_string(limits.bytes) + " bytes");
  }
  if (!isValidUtf8(text)) {
    return failure(ErrorKind::kInvalidFilter, "the filter is not valid UTF-8");
  }
  return Parser(text, inside_value_path, limits).parse();
}

}  // namespace vestibule::scim
