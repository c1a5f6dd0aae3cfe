package dev.patron.sample.ui

import android.text.Editable
import android.text.TextWatcher
import android.widget.TextView

/** Tells [told] what stands in the field, each time that it has changed. */
fun TextView.onTyped(told: (String) -> Unit): Unit =
    addTextChangedListener(
        object : TextWatcher {
            override fun afterTextChanged(text: Editable): Unit = told(text.toString())

            override fun beforeTextChanged(
                text: CharSequence,
                start: Int,
                count: Int,
                after: Int,
            ): Unit = Unit

            override fun onTextChanged(
                text: CharSequence,
                start: Int,
                before: Int,
                count: Int,
            ): Unit = Unit
        },
    )
