"""Stands for a framework that the reference has installed and omcops has not."""


def build():
    return object()
