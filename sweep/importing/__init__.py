"""Results that were made elsewhere: from a table of any program to trials of a study. Pure but for
reading the file.

    table         the file's columns, as they stand there
    spellings     what programs call the columns that sweep needs
    columns       which column is what
    rows          the rows as trials, or what is wrong with them
    definition    the study that these trials are of
"""
