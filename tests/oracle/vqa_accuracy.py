#!/usr/bin/env python3
"""The official VQA accuracy in plain Python 3, both revisions, as an oracle for vqalign/data.

    python3 tests/oracle/vqa_accuracy.py > tests/data/golden/accuracy.json   the tests' fixture
    python3 tests/oracle/vqa_accuracy.py ANNOTATIONS RESULTS [legacy]        scores real files

Written from a description of the evaluator (its steps, faults included), not from the C++ code.
"""
import json
import random
import re
import sys
from collections import Counter

CONTRACTIONS = dict(
    pair.split(">")
    for pair in """
aint>ain't arent>aren't cant>can't couldve>could've couldnt>couldn't couldn'tve>couldn't've
couldnt've>couldn't've didnt>didn't doesnt>doesn't dont>don't hadnt>hadn't hadnt've>hadn't've
hadn'tve>hadn't've hasnt>hasn't havent>haven't hed>he'd hed've>he'd've he'dve>he'd've hes>he's
howd>how'd howll>how'll hows>how's Id've>I'd've I'dve>I'd've Im>I'm Ive>I've isnt>isn't itd>it'd
itd've>it'd've it'dve>it'd've itll>it'll let's>let's maam>ma'am mightnt>mightn't
mightnt've>mightn't've mightn'tve>mightn't've mightve>might've mustnt>mustn't mustve>must've
neednt>needn't notve>not've oclock>o'clock oughtnt>oughtn't ow's'at>'ow's'at 'ows'at>'ow's'at
'ow'sat>'ow's'at shant>shan't shed've>she'd've she'dve>she'd've she's>she's shouldve>should've
shouldnt>shouldn't shouldnt've>shouldn't've shouldn'tve>shouldn't've somebody'd>somebodyd
somebodyd've>somebody'd've somebody'dve>somebody'd've somebodyll>somebody'll
somebodys>somebody's someoned>someone'd someoned've>someone'd've someone'dve>someone'd've
someonell>someone'll someones>someone's somethingd>something'd somethingd've>something'd've
something'dve>something'd've somethingll>something'll thats>that's thered>there'd
thered've>there'd've there'dve>there'd've therere>there're theres>there's theyd>they'd
theyd've>they'd've they'dve>they'd've theyll>they'll theyre>they're theyve>they've twas>'twas
wasnt>wasn't wed've>we'd've we'dve>we'd've weve>we've werent>weren't whatll>what'll
whatre>what're whats>what's whatve>what've whens>when's whered>where'd wheres>where's
whereve>where've whod>who'd whod've>who'd've who'dve>who'd've wholl>who'll whos>who's
whove>who've whyll>why'll whyre>why're whys>why's wont>won't wouldve>would've wouldnt>wouldn't
wouldnt've>wouldn't've wouldn'tve>wouldn't've yall>y'all yall'll>y'all'll y'allll>y'all'll
yall'd've>y'all'd've y'alld've>y'all'd've y'all'dve>y'all'd've youd>you'd youd've>you'd've
you'dve>you'd've youll>you'll youre>you're youve>you've
""".split()
)
PUNCTUATION = [";", "/", "[", "]", '"', "{", "}", "(", ")", "=", "+", "\\", "_", "-",
               ">", "<", "@", "`", ",", "?", "!"]
NUMBERS = {"none": "0", "zero": "0", "one": "1", "two": "2", "three": "3", "four": "4",
           "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10"}
ARTICLES = ["a", "an", "the"]
PERIOD = re.compile(r"(?!<=\d)(\.)(?!\d)")
COMMA = re.compile(r"(\d)(\,)(\d)")


def process_punctuation(text):
    out = text
    for mark in PUNCTUATION:
        beside_space = mark + " " in text or " " + mark in text
        out = out.replace(mark, "" if beside_space or COMMA.search(text) else " ")
    return PERIOD.sub("", out, count=32)


def process_digit_article(text):
    words = [NUMBERS.get(word, word) for word in text.lower().split()]
    return " ".join(CONTRACTIONS.get(word, word) for word in words if word not in ARTICLES)


def prepare_answer(text):
    return process_digit_article(process_punctuation(text)).replace(",", "")


def clean(text):
    return text.replace("\n", " ").replace("\t", " ").strip()


def question_accuracy(prediction, records, legacy=False):
    """`records`: dicts of answer, answer_confidence and, where there is one, answer_id."""
    records = [dict(record) for record in records]
    prediction = clean(prediction)
    if legacy:
        prediction = process_digit_article(process_punctuation(prediction))
    else:
        for record in records:
            record["answer"] = clean(record["answer"])
    if len({record["answer"] for record in records}) > 1:
        for record in records:
            record["answer"] = process_punctuation(record["answer"])
            if not legacy:
                record["answer"] = process_digit_article(record["answer"])
        if not legacy:
            prediction = process_digit_article(process_punctuation(prediction))
    accuracies = []
    for record in records:
        others = [other for other in records if other != record]
        matching = [other for other in others if other["answer"] == prediction]
        accuracies.append(min(1, float(len(matching)) / 3))
    return float(sum(accuracies)) / len(accuracies)


def percent(accuracies):
    total = 0.0
    for accuracy in accuracies:  # sum() of Python 3.12 and later compensates
        total += accuracy
    return round(100 * total / len(accuracies), 2)


def exact_match(prediction, records):
    """Whether the prediction is an answer that no other was given more often than."""
    counts = Counter(prepare_answer(clean(record["answer"])) for record in records)
    return counts[prepare_answer(clean(prediction))] == max(counts.values())


def score(predictions, annotations, legacy=False):
    """`predictions`: question_id -> answer."""
    overall, by_answer, by_question, exact = [], {}, {}, []
    for annotation in annotations:
        prediction, records = predictions[annotation["question_id"]], annotation["answers"]
        accuracy = question_accuracy(prediction, records, legacy)
        overall.append(accuracy)
        exact.append(float(exact_match(prediction, records)))
        by_answer.setdefault(annotation["answer_type"], []).append(accuracy)
        by_question.setdefault(annotation["question_type"], []).append(accuracy)
    result = {
        "overall": percent(overall),
        "perAnswerType": {key: percent(by_answer[key]) for key in sorted(by_answer)},
        "perQuestionType": {key: percent(by_question[key]) for key in sorted(by_question)},
        "questions": len(overall),
    }
    if any(len(annotation["answers"]) != 10 for annotation in annotations):
        result["exact_match"] = percent(exact)
    return result


WORDS = (list(NUMBERS) + ARTICLES + ["dog", "Red", "BLUE", "yes", "No", "t-shirt", "u.s.a.", "NONE"]
         + ["É", "ÉCOLE", "İstanbul", "straße", "ΩMEGA", "ДОМ", "Ⅷ", "Ａ", "𐐀", "ǅ", "\u212a"]
         + ["ΟΔΟΣ", "ΣΑΣ", "Σ", "Α'Σ", "STRAẞE", "e\u0301", "\U0001f600", "\u2764\ufe0f"])
GLUE = [" ", " ", "  ", "", "", "\t", "\n", "\u00a0", "\u2003", "\u3000", "\u0085", "\x1c", "\u200b"]
DIGITS = ["0", "7", "10", "1,000", "2,5", "3.5", ".5", "5.", "9:30", "\u0663", "\u0663,\u0664",
          "\uff11.\uff12", ".\u0967", "\u00b2", "1,\u00b2", "\u0664.", "x,1", "1,x", "\u00e9,1"]
MARKS = PUNCTUATION + [".", ".", "..", "...", "'", ":", "$", "%", "&", "*", "#", "~", "^", "|",
                       "\u2019", "\u201c", "\u2014", "." * 35, ". " * 34]


def nasty_string(generator):
    pieces = []
    for _ in range(generator.randint(0, 5)):
        kind = generator.random()
        if kind < 0.35:
            pieces.append(generator.choice(WORDS))
        elif kind < 0.45:
            word = generator.choice(list(CONTRACTIONS))
            pieces.append(generator.choice([word, word, word.upper(), word.capitalize()]))
        elif kind < 0.6:
            pieces.append(generator.choice(DIGITS))
        else:
            pieces.append(generator.choice(MARKS[:-2] if generator.random() < 0.97 else MARKS))
        pieces.append(generator.choice(GLUE))
    return "".join(pieces)


def nasty_question(generator, number):
    pool = [nasty_string(generator) for _ in range(generator.randint(1, 4))]
    pool += [generator.choice(["yes", "no", "the dog", "two", "2", "None", "0", "", "a"])]
    pool = generator.sample(pool, generator.randint(1, len(pool)))
    ids = generator.choice(["unique", "unique", "unique", "none", "repeated"])
    records = []
    for i in range(generator.choice([10, 10, 10, 10, 1, 3, 7])):
        answer = generator.choice(pool)
        if generator.random() < 0.1:
            answer = generator.choice([" ", "\n", "\t"]) + answer + generator.choice(["", " ", "\n"])
        record = {"answer": answer, "answer_confidence": generator.choice(["yes", "maybe", "no"])}
        if ids == "unique":
            record["answer_id"] = i + 1
        elif ids == "repeated":
            record["answer_id"] = generator.randint(1, 3)
        records.append(record)
    prediction = generator.choice(pool + [prepare_answer(generator.choice(pool))])
    if generator.random() < 0.1:
        prediction = generator.choice([" ", "\n", "\t"]) + prediction
    return {
        "question_id": number, "image_id": number, "question_type": f"type {number % 7}",
        "answer_type": generator.choice(["yes/no", "number", "other"]),
        "multiple_choice_answer": records[0]["answer"], "answers": records,
    }, prediction


def dump(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def fixture():
    generator = random.Random(20140501)
    strings = sorted({nasty_string(generator) for _ in range(2500)})
    print('{"strings": [')
    print(",\n".join(dump([text, process_punctuation(text), process_digit_article(text),
                                 prepare_answer(text)]) for text in strings))
    pairs = [nasty_question(generator, i) for i in range(220)]
    annotations = [annotation for annotation, _ in pairs]
    predictions = {annotation["question_id"]: prediction for annotation, prediction in pairs}
    print('], "questions": [')
    print(",\n".join(dump({
        "prediction": prediction,
        "records": [[r["answer"], r["answer_confidence"], r.get("answer_id", 0)]
                    for r in annotation["answers"]],
        "question_type": annotation["question_type"], "answer_type": annotation["answer_type"],
        "official": question_accuracy(prediction, annotation["answers"]),
        "legacy": question_accuracy(prediction, annotation["answers"], legacy=True),
    }) for annotation, prediction in pairs))
    print('], "official":', dump(score(predictions, annotations)), ',')
    print('"legacy":', dump(score(predictions, annotations, legacy=True)), "}")


def score_files(annotations_path, results_path, legacy):
    with open(annotations_path, encoding="utf-8") as file:
        annotations = json.load(file)["annotations"]
    with open(results_path, encoding="utf-8") as file:
        predictions = {row["question_id"]: row["answer"] for row in json.load(file)}
    print(json.dumps(score(predictions, annotations, legacy), ensure_ascii=False))


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    assert len(CONTRACTIONS) == 120
    if len(sys.argv) == 1:
        fixture()
    else:
        score_files(sys.argv[1], sys.argv[2], sys.argv[3:] == ["legacy"])
