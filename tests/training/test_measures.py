"""Known probabilities in, known figures out."""

import numpy as np
import pytest

from training import measures

LABELS = ["A", "B", "nothing"]


def rows(*labels_and_confidences: tuple[str, float]) -> np.ndarray:
    """One row each: the label read and how sure; the rest is shared among the others."""
    table = []
    for label, confidence in labels_and_confidences:
        row = np.full(len(LABELS), (1 - confidence) / (len(LABELS) - 1))
        row[LABELS.index(label)] = confidence
        table.append(row)
    return np.array(table)


def test_everybody_counts_the_same_however_many_pictures() -> None:
    right = np.array([True] * 9 + [False])
    signers = np.array(["many"] * 9 + ["one"])
    assert measures.macro_by_signer(right, signers) == pytest.approx(0.5)
    assert measures.accuracy_by_signer(right, signers) == {"many": 1.0, "one": 0.0}


def test_summary_of_known_answers() -> None:
    probabilities = rows(("A", 0.9), ("B", 0.6), ("B", 0.9), ("nothing", 0.8))
    truth = np.array(["A", "A", "B", "nothing"])
    summary = measures.summary(probabilities, truth, np.array(["x", "x", "y", "y"]), LABELS)
    assert summary["accuracy"] == 0.75
    assert summary["macro_by_signer"] == 0.75
    assert summary["by_signer"] == {"x": 0.5, "y": 1.0}
    assert summary["by_label"]["A"] == {"precision": 1.0, "recall": 0.5, "f1": pytest.approx(2 / 3), "support": 2}
    assert summary["confusion"] == [[1, 1, 0], [0, 1, 0], [0, 0, 1]]
    assert summary["roc_auc"] == pytest.approx(1.0)
    assert summary["n"] == 4


def test_roc_needs_two_labels() -> None:
    assert measures.roc_auc(rows(("A", 0.9)), np.array(["A"]), LABELS) is None


def test_an_honest_network_has_no_calibration_error_and_a_boaster_has() -> None:
    truth = np.array([0] * 8 + [1] * 2)
    honest, boaster = rows(*[("A", 0.8)] * 10), rows(*[("A", 0.99)] * 10)
    assert measures.calibration_error(honest, truth) == pytest.approx(0.0)
    assert measures.calibration_error(boaster, truth) == pytest.approx(0.19)


def test_the_temperature_takes_a_boasters_confidence_back() -> None:
    truth = np.array([0] * 8 + [1] * 2)
    boaster = rows(*[("A", 0.99)] * 10)
    temperature = measures.fit_temperature(boaster, truth, np.ones(10))
    assert temperature > 1
    assert measures.tempered(boaster, temperature)[0, 0] < 0.9


def test_a_temperature_of_one_changes_nothing() -> None:
    probabilities = rows(("A", 0.7), ("B", 0.5))
    np.testing.assert_allclose(measures.tempered(probabilities, 1.0), probabilities)


def test_floors_lie_where_the_label_is_right_nine_times_in_ten() -> None:
    low, high = measures.FLOOR_RANGE
    probabilities = rows(*[("A", 0.5)] * 10, *[("A", 0.7)] * 10, *[("B", 0.9)] * 5)
    truth = np.array(["B"] * 10 + ["A"] * 10 + ["B"] * 5)
    floors = measures.floors(probabilities, truth, LABELS)
    assert 0.5 < floors["A"] <= 0.7
    assert floors["B"] == low
    assert floors["nothing"] == measures.NOTHING_FLOOR
    assert max(floors.values()) <= high


def test_a_still_of_a_drawn_sign_does_not_make_its_shape_harder_to_commit() -> None:
    labels = ["D", "L", "Z"]
    probabilities = np.array([[0.5, 0.3, 0.2]] * 20)

    def floor_of_d(other: str) -> float:
        return measures.floors(probabilities, np.array(["D"] * 10 + [other] * 10), labels)["D"]

    assert floor_of_d("Z") == measures.FLOOR_RANGE[0]
    assert floor_of_d("L") > 0.5


def test_false_alarms_are_counted_above_the_floor_only() -> None:
    probabilities = rows(("A", 0.9), ("A", 0.5), ("nothing", 0.9), ("B", 0.6))
    floors = {"A": 0.7, "B": 0.7, "nothing": 0.3}
    assert measures.share_above_floor(probabilities, LABELS, floors) == 0.25


def test_missed_pairs_are_the_signs_that_a_signer_s_hand_is_mostly_not_read_as() -> None:
    truth = np.array(["A", "A", "B", "B", "B", "A", "A"])
    signers = np.array(["mia"] * 5 + ["tom"] * 2)
    right = np.array([False, False, True, False, False, True, False])
    assert measures.missed_pairs(right, truth, signers) == {"mia": {"A": 0.0, "B": pytest.approx(1 / 3)}}


def test_confusions_weigh_every_signer_the_same_and_name_the_likeliest_first() -> None:
    probabilities = rows(("A", 0.9), ("A", 0.9), ("B", 0.6), ("B", 0.9), ("nothing", 0.8))
    truth = np.array(["A", "A", "A", "A", "B"])
    signers = np.array(["x", "x", "x", "y", "y"])
    found = measures.confusions(probabilities, truth, signers, LABELS)
    assert found == {
        "A": {"B": pytest.approx(2 / 3, abs=1e-4), "A": pytest.approx(1 / 3, abs=1e-4)},
        "B": {"nothing": 1.0},
    }
    assert list(found["A"]) == ["B", "A"]
