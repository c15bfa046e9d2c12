"""Trains one tiny tokenizer of each kind into text/ and records what the reference makes of some awkward strings.

Needs: tokenizers, transformers, sentencepiece, protobuf, ftfy, regex.
"""
import html
import io
import itertools
import json
import os

import ftfy
import regex
import sentencepiece
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import SiglipTokenizer

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "text")
os.makedirs(folder, exist_ok=True)

things = """engine idling,dog's bark,church bell,violin,thunderstorm,crackling fire,washing machine,helicopter,wooden door,
crying baby,running water,typewriter,steam locomotive,barking seal,ringing telephone,chainsaw,applause,string quartet,
market street,mountain stream""".replace("\n", "").split(",")
corpus = [
    f"{start} {colour} {thing} {place}{end}"
    for (start, colour, place, end), thing in itertools.product(
        zip(
            ["the sound of a", "A photo of the", "two men and a", "recording with some", "we're listening to"],
            ["red", "loud", "distant", "café", "beautiful"],
            ["in the rain", "near 12 houses", "at night, again", "underneath trees", "from 3 o'clock"],
            [".", "!", "", "...", "?"],
        ),
        things,
    )
]
strings = [
    "", " ", "the sound of a red violin", "  Two   MEN\tand\r\na dog's bark!! ", "it's we'll THEY'RE I'd o'clock",
    "cafe\u0301 CAFÉ ǅ İI ΑΣ ΣΑΣ", "Übergröße", "日本の音 and 鐘", "한국 🔔🎻👩‍🚀", "3.14, 1,000 & 50%", "[SEP] in [MASK]ed text[PAD]",
    "<s> a <mask> </s><unk>", "<|startoftext|>bell<|endoftext|>", "<start_of_text>bell <end_of_text>",
    "a\x00b\x07c\x7fd\u200be\ufeff", "snake_case kebab-case", "engine" * 20, "x" * 101, "ﬁne ﬂow Ⅳ ½ ㎏ ＡＢＣ１２",
    "“curly” ‘quotes’ — dash…", "naïve\u2028line\u0085next\u3000wide", "sÃ³ voilÃ  le cafÃ© â€œquotedâ€\x9d",
    "&amp;amp; &eacute; &EACUTE; &#39;s &notit; &#x1F514;", "<b>&amp;</b>", "Ð¼Ð¸Ñ\x80 мир", "\x1b[31mred\x1b[0m",
    "▁the▁bell ", "ſ 'ſ K", "가가", "q\u0323\u0307 q\u0307\u0323", "؟ مرحبا ०१२", "\U0001d400\U00020bb7 \ufdfa",
]
expected = {"strings": strings}


def save(name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8", newline="\n") as file:
        file.write(text)


def record(name, tokenizer):
    save(f"{name}.json", json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":")))
    expected[name] = [tokenizer.encode(text).ids for text in strings]
    expected[name + "-pair"] = [tokenizer.encode(strings[2], strings[4]).ids, tokenizer.encode(strings[2], strings[4]).type_ids]
    expected[name + "-decoded"] = [tokenizer.decode(ids) for ids in expected[name]]


def word_piece():
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(corpus, trainers.WordPieceTrainer(vocab_size=260, special_tokens=special, show_progress=False))
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.decoder = decoders.WordPiece(cleanup=False)
    record("wordpiece", tokenizer)
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    save("vocab.txt", "".join(token + "\n" for token, _ in vocabulary))


def byte_level():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(corpus, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    tokenizer.decoder = decoders.ByteLevel()
    record("bytelevel", tokenizer)


def falling_back():
    """Byte pairs over characters, in which an unknown character falls back to its bytes."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    special = ["<pad>", "<eos>", "<unk>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(vocab_size=440, special_tokens=special, show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing("$A <eos>", "$A <eos> $B <eos>", [("<eos>", 1)])
    # Bytes are part of the model here, not words to look for.
    data = json.loads(tokenizer.to_str())
    data["added_tokens"] = [token for token in data["added_tokens"] if token["id"] < 3]
    record("fallback", Tokenizer.from_str(json.dumps(data)))


def unigram():
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Lowercase(), normalizers.Replace(Regex(r" {2,}"), " "), normalizers.Strip()])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<pad>", "</s>", "<unk>"]
    trainer = trainers.UnigramTrainer(vocab_size=160, special_tokens=special, unk_token="<unk>", show_progress=False)
    tokenizer.train_from_iterator(corpus, trainer)
    tokenizer.post_processor = processors.TemplateProcessing("$A </s>", "$A </s> $B </s>", [("</s>", 1)])
    tokenizer.decoder = decoders.Metaspace()
    record("unigram", tokenizer)


def clip():
    """CLIP's byte pairs: merges alone, read by the three programs that clean a text in their own ways."""
    tokenizer = Tokenizer(models.BPE(unk_token="<|endoftext|>", end_of_word_suffix="</w>"))
    words = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
    marks = ["<|startoftext|>", "<|endoftext|>"]
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(r"<\|startoftext\|>|<\|endoftext\|>|" + words), "removed", invert=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False),
    ])
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest = [byte for byte in range(256) if byte not in printable]
    characters = {**{byte: chr(byte) for byte in printable}, **{byte: chr(256 + n) for n, byte in enumerate(rest)}}
    alphabet = [characters[byte] for byte in printable + rest]
    tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(
        vocab_size=700, initial_alphabet=alphabet, end_of_word_suffix="</w>", show_progress=False))
    merges = [tuple(pair) for pair in json.loads(tokenizer.to_str())["model"]["merges"]]
    save("merges.txt", "#version: 0.2\n" + "".join(f"{left} {right}\n" for left, right in merges))

    def ids_of(marks):
        spelled = alphabet + [c + "</w>" for c in alphabet] + ["".join(pair) for pair in merges] + marks
        return {token: index for index, token in enumerate(spelled)}

    tokenizer.model = models.BPE(ids_of(marks), merges, unk_token="<|endoftext|>", end_of_word_suffix="</w>")
    tokenizer.add_special_tokens(marks)
    begin, end = (ids_of(marks)[mark] for mark in marks)
    tokenizer.post_processor = processors.RobertaProcessing((marks[1], end), (marks[0], begin), trim_offsets=False, add_prefix_space=False)
    expected["clip-huggingFace"] = [tokenizer.encode(text).ids for text in strings]

    ranks = {pair: rank for rank, pair in enumerate(merges)}

    def merged(word):
        parts = [*word[:-1], word[-1] + "</w>"]
        while len(parts) > 1:
            rank, at = min((ranks.get(pair, len(ranks)), at) for at, pair in enumerate(itertools.pairwise(parts)))
            if rank == len(ranks):
                break
            parts[at:at + 2] = ["".join(parts[at:at + 2])]
        return parts

    for name, marks in (("openAI", marks), ("openCLIP", ["<start_of_text>", "<end_of_text>"])):
        ids = ids_of(marks)
        pattern = regex.compile("|".join(map(regex.escape, marks)) + "|" + words, regex.IGNORECASE)
        rows = []
        for text in strings:
            text = " ".join(html.unescape(html.unescape(ftfy.fix_text(text))).split()).lower()
            row = [begin]
            for word in pattern.findall(text):
                word = "".join(characters[byte] for byte in word.encode("utf-8"))
                row += [ids[word]] if word in marks else [ids[part] for part in merged(word)]
            rows.append(row + [end])
        expected["clip-" + name] = rows
    expected["repaired"] = [ftfy.fix_text(text) for text in strings]
    expected["unescaped"] = [html.unescape(text) for text in strings]


def sentence_piece():
    # A small table of replacements: sentencepiece's own has 240 KB.
    rules = {"ﬁ": "fi", "ﬂ": "fl", "½": "1/2", "Ⅳ": "IV", "\x07": "", "\u200b": "", "\u3000": " ", "\t": " ", "\u2028": " ", "e\u0301": "é"}
    table = os.path.join(folder, "rules.tsv")
    with open(table, "w") as file:
        for source, target in rules.items():
            file.write(" ".join(f"{ord(c):X}" for c in source) + "\t" + " ".join(f"{ord(c):X}" for c in target) + "\n")
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus), model_writer=model, vocab_size=100, normalization_rule_tsv=table, pad_id=0, eos_id=1,
        unk_id=2, bos_id=-1, minloglevel=2)
    os.remove(table)
    with open(os.path.join(folder, "spiece.model"), "wb") as file:
        file.write(model.getvalue())
    tokenizer = SiglipTokenizer(os.path.join(folder, "spiece.model"))
    expected["siglip"] = [tokenizer(text).input_ids for text in strings]


word_piece()
byte_level()
falling_back()
unigram()
clip()
sentence_piece()
save("expected.json", json.dumps(expected, ensure_ascii=True, separators=(",", ":")))
